// Read-copy-update with a flag for each reader: the writer replaces the object and frees the old
// one after each reader has been outside its section. A fence on each side makes one of the two see
// the other.
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
    std::atomic<bool> reading[2] = {false, false};

    ~Shared() { delete current.load(std::memory_order_relaxed); }

    int read(int me) {
        reading[me].store(true, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const int value = current.load(std::memory_order_acquire)->value;
        reading[me].store(false, std::memory_order_release);
        return value;
    }

    void replace(int value) {
        Object* const old = current.exchange(new Object{value}, std::memory_order_acq_rel);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        for (std::atomic<bool>& active : reading) {
            while (active.load(std::memory_order_acquire)) {
            }
        }
        delete old;
    }
};

static void work(Shared& shared, int me) {
    const int value = shared.read(me);
    assert(value == 1 || value == 2);
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, 0); });
    std::thread second([&shared] { work(*shared, 1); });
    std::thread writer([&shared] { shared->replace(2); });
    first.join();
    second.join();
    writer.join();
}
