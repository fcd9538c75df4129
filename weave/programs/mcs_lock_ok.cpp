// The queue lock of Mellor-Crummey and Scott: each waiter spins on a flag of its own, and the owner
// hands over to the next in the queue, for which it waits if it is about to join.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Place {
    std::atomic<Place*> next = nullptr;
    std::atomic<bool> waiting = false;
};

struct Lock {
    std::atomic<Place*> last = nullptr;
    Place places[3];
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
        Place* next = mine.next.load(std::memory_order_acquire);
        if (next == nullptr) {
            Place* expected = &mine;
            if (last.compare_exchange_strong(expected, nullptr, std::memory_order_release,
                                             std::memory_order_relaxed)) {
                return;
            }
            while ((next = mine.next.load(std::memory_order_acquire)) == nullptr) {
            }
        }
        next->waiting.store(false, std::memory_order_release);
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
    std::thread third([&lock] { work(*lock, 2); });
    first.join();
    second.join();
    third.join();
    assert(lock->count == 3);
}
