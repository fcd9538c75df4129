// The queue lock of Mellor-Crummey and Scott whose owner hands over with a relaxed store: the next
// owner is not ordered after it, and the plain counts race.
// verdict: data-race
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
        next->waiting.store(false, std::memory_order_relaxed);
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
    assert(lock->count == 2);
}
