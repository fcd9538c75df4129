// Hazard pointers whose reader has no fence between its announcement and its second load: it may
// see the old object, while the writer does not see the announcement and frees that object.
// verdict: use-after-free
// options: mode=random executions=40000 seed=3
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    std::atomic<int> value;
};

struct Shared {
    std::atomic<Object*> current = new Object{1};
    std::atomic<Object*> hazard = nullptr;

    ~Shared() { delete current.load(std::memory_order_relaxed); }

    int read() {
        Object* object = current.load(std::memory_order_relaxed);
        for (;;) {
            hazard.store(object, std::memory_order_relaxed);
            Object* const again = current.load(std::memory_order_acquire);
            if (again == object) {
                break;
            }
            object = again;
        }
        const int value = object->value.load(std::memory_order_relaxed);
        hazard.store(nullptr, std::memory_order_release);
        return value;
    }

    void replace(int value) {
        Object* const old = current.exchange(new Object{value}, std::memory_order_acq_rel);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        while (hazard.load(std::memory_order_acquire) == old) {
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
