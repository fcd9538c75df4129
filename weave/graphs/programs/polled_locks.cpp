// Locks that are polled: a thread tries to take one until it has it, or looks again and again at
// what a lock protects.
#include <pthread.h>

#include <mutex>
#include <shared_mutex>
#include <thread>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

/// Both try until they have the lock.
template <bool Yields>
Outcome try_until_taken() {
    std::mutex mutex;
    int count = 0;
    const auto add = [&] {
        while (!mutex.try_lock()) {
            if (Yields) {
                std::this_thread::yield();
            }
        }
        ++count;
        mutex.unlock();
    };
    concurrently(add, add);
    return outcome(count);
}

/// One of them waits.
Outcome one_tries() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int order = 0;
    int places[2];
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            places[0] = ++order;
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            while (pthread_mutex_trylock(&mutex) != 0) {
            }
            places[1] = ++order;
            pthread_mutex_unlock(&mutex);
        });
    return outcome(places[0], places[1]);
}

/// Gives up after two attempts, and says how many failed.
Outcome tries_twice() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int failed = 0;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            int failures = 0;
            while (failures < 2 && pthread_mutex_trylock(&mutex) != 0) {
                ++failures;
            }
            if (failures < 2) {
                pthread_mutex_unlock(&mutex);
            }
            failed = failures;
        });
    return outcome(failed);
}

/// std::lock() tries in turns.
template <bool Opposite>
Outcome locks_both() {
    std::mutex first;
    std::mutex second;
    int count = 0;
    concurrently(
        [&] {
            const std::scoped_lock both(first, second);
            ++count;
        },
        [&] {
            if (Opposite) {
                std::lock(second, first);
            } else {
                std::lock(first, second);
            }
            ++count;
            first.unlock();
            second.unlock();
        });
    return outcome(count);
}

/// Looks at what the lock protects until another thread has changed it.
Outcome looks_until_set() {
    std::mutex mutex;
    bool is_set = false;
    int x = 0;
    int seen = -1;
    concurrently(
        [&] {
            x = 1;
            const std::lock_guard lock(mutex);
            is_set = true;
        },
        [&] {
            for (;;) {
                const std::lock_guard lock(mutex);
                if (is_set) {
                    break;
                }
            }
            seen = x;
        });
    return outcome(seen);
}

/// The same with a shared lock, beside a change that is none for the one who looks.
Outcome looks_until_two() {
    std::shared_mutex mutex;
    int steps = 0;
    int seen = -1;
    concurrently(
        [&] {
            for (int i = 0; i < 2; ++i) {
                const std::lock_guard lock(mutex);
                ++steps;
            }
        },
        [&] {
            while (seen < 2) {
                const std::shared_lock lock(mutex);
                if (steps == 2) {
                    seen = steps;
                }
            }
        });
    return outcome(seen);
}

/// Tries a lock that it holds itself after the first round: a livelock.
Outcome keeps_the_first() {
    std::mutex first;
    std::mutex second;
    concurrently([&] { const std::lock_guard lock(second); },
                 [&] {
                     while (!(first.try_lock() && second.try_lock())) {
                         // must give back the first one
                     }
                     first.unlock();
                     second.unlock();
                 });
    return outcome(0);
}

/// The holder never gives it back.
Outcome tries_for_ever() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    concurrently([&] { pthread_mutex_lock(&mutex); },
                 [&] {
                     while (pthread_mutex_trylock(&mutex) != 0) {
                     }
                 });
    return outcome(0);
}

/// A flag that no thread sets is looked at for ever.
Outcome looks_for_ever() {
    std::mutex mutex;
    bool is_set = false;
    concurrently([&] { const std::lock_guard lock(mutex); },
                 [&] {
                     for (bool seen = false; !seen;) {
                         const std::lock_guard lock(mutex);
                         seen = is_set;
                     }
                 });
    return outcome(0);
}

/// Polls an atomic object, and tries a lock in each round.
Outcome tries_while_not_set() {
    std::mutex mutex;
    std::atomic<int> is_set{0};
    int taken = 0;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            is_set.store(1, release);
        },
        [&] {
            while (is_set.load(acquire) == 0) {
                if (mutex.try_lock()) {
                    mutex.unlock();
                }
            }
            taken = 1;
        });
    return outcome(taken);
}

Outcomes whatever_comes() { return {}; }

const Registration polled[] = {
    Registration({"polled_by_two", try_until_taken<false>, whatever_comes, whatever_comes}),
    Registration(
        {"polled_by_two_that_yield", try_until_taken<true>, whatever_comes, whatever_comes}),
    Registration({"polled_by_one", one_tries, whatever_comes, whatever_comes}),
    Registration({"polled_twice", tries_twice, whatever_comes, whatever_comes}),
    Registration({"polled_both", locks_both<false>, whatever_comes, whatever_comes}),
    Registration({"polled_both_opposite", locks_both<true>, whatever_comes, whatever_comes}),
    Registration({"polled_until_set", looks_until_set, whatever_comes, whatever_comes}),
    Registration({"polled_until_two", looks_until_two, whatever_comes, whatever_comes}),
    Registration({"polled_and_kept", keeps_the_first, whatever_comes, whatever_comes}),
    Registration({"polled_lock_for_ever", tries_for_ever, whatever_comes, whatever_comes}),
    Registration({"polled_flag_for_ever", looks_for_ever, whatever_comes, whatever_comes}),
    Registration({"polled_with_atomic", tries_while_not_set, whatever_comes, whatever_comes})};

}  // namespace
