// Read-copy-update whose reader has no fence between its flag and its load of the object: the
// writer may miss the flag while the reader still finds the old object, which is freed under it.
// verdict: use-after-free
// options: mode=random executions=40000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    std::atomic<int> value;
};

struct Shared {
    std::atomic<Object*> current = new Object{1};
    std::atomic<bool> reading = false;

    ~Shared() { delete current.load(std::memory_order_relaxed); }

    int read() {
        reading.store(true, std::memory_order_relaxed);
        const Object* const object = current.load(std::memory_order_acquire);
        const int value = object->value.load(std::memory_order_relaxed);
        reading.store(false, std::memory_order_release);
        return value;
    }

    void replace(int value) {
        Object* const old = current.exchange(new Object{value}, std::memory_order_acq_rel);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        while (reading.load(std::memory_order_acquire)) {
        }
        delete old;
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread reader([&shared] {
        const int value = shared->read();
        assert(value == 1 || value == 2);
    });
    std::thread writer([&shared] { shared->replace(2); });
    reader.join();
    writer.join();
}
