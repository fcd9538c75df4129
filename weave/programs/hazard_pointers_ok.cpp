// Hazard pointers with one reader: it announces which object it is about to read, and tests again
// whether that is still the current one. The thread that replaces the object waits until the reader
// has released it. A fence on each side makes one of the two see the other.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Object {
    int value;
};

struct Shared {
    std::atomic<Object*> current = new Object{1};
    std::atomic<Object*> hazard = nullptr;

    ~Shared() { delete current.load(std::memory_order_relaxed); }

    int read() {
        Object* object = current.load(std::memory_order_relaxed);
        for (;;) {
            hazard.store(object, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            Object* const again = current.load(std::memory_order_acquire);
            if (again == object) {
                break;
            }
            object = again;
        }
        const int value = object->value;
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
