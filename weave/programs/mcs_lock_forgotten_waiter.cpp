// The queue lock of Mellor-Crummey and Scott whose owner does not wait for a successor that has
// joined the queue but not yet said so: no thread hands over to that one, and it spins forever.
// verdict: livelock
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Place {
    std::atomic<Place*> next = nullptr;
    std::atomic<bool> waiting = false;
};

struct Lock {
    std::atomic<Place*> last = nullptr;
    Place places[2];
    int count = 0;

    void enter(Place& mine) {
        mine.next.store(nullptr, std::memory_order_relaxed);
        mine.waiting.store(true, std::memory_order_relaxed);
        Place* const before = last.exchange(&mine, std::memory_order_acq_rel);
        if (before != nullptr) {
            before->next.store(&mine, std::memory_order_release);
            while (mine.waiting.load(std::memory_order_acquire)) {
            }
        }
    }

    void leave(Place& mine) {
        Place* const next = mine.next.load(std::memory_order_acquire);
        if (next != nullptr) {
            next->waiting.store(false, std::memory_order_release);
            return;
        }
        Place* expected = &mine;
        last.compare_exchange_strong(expected, nullptr, std::memory_order_release,
                                     std::memory_order_relaxed);
    }
};

static void work(Lock& lock, int me) {
    lock.enter(lock.places[me]);
    ++lock.count;
    lock.leave(lock.places[me]);
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock, 0); });
    std::thread second([&lock] { work(*lock, 1); });
    first.join();
    second.join();
}
