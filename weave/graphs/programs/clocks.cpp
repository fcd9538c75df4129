// Programs that look at a clock: waits with a limit that is counted from now, sleeps, and loops
// that run until a time.
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// ----- waits with a limit ------------------------------------------------------------------------

/// A queue of one item, from which the other thread takes within a time.
Outcome queue_pop_for() {
    std::mutex mutex;
    std::condition_variable changed;
    int item = 0;
    int taken = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            item = 1;
            changed.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            if (changed.wait_for(lock, 10ms, [&] { return item != 0; })) {
                taken = item;
            }
        });
    return outcome(taken);
}

/// Without a second look at what it waits for: the status says what has ended the wait.
Outcome condition_status() {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_set = false;
    int status = -1;
    int seen = -1;
    concurrently(
        [&] {
            {
                const std::lock_guard lock(mutex);
                is_set = true;
            }
            changed.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            if (!is_set) {
                status = changed.wait_for(lock, 10ms) == std::cv_status::timeout ? 1 : 0;
            }
            seen = is_set ? 1 : 0;
        });
    return outcome(status, seen);
}

/// The holder does not unlock while the other one waits, or it does.
Outcome lock_for() {
    std::timed_mutex mutex;
    int x = 0;
    int seen = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            x = 1;
        },
        [&] {
            if (mutex.try_lock_for(10ms)) {
                seen = x;
                mutex.unlock();
            }
        });
    return outcome(seen);
}

/// Both take two locks in opposite orders, the second one within a time.
Outcome two_locks_for() {
    std::timed_mutex first;
    std::timed_mutex second;
    bool have_both[2] = {};
    const auto lock_both = [](std::timed_mutex& a, std::timed_mutex& b, bool& has_both) {
        const std::lock_guard lock(a);
        has_both = b.try_lock_for(10ms);
        if (has_both) {
            b.unlock();
        }
    };
    concurrently([&] { lock_both(first, second, have_both[0]); },
                 [&] { lock_both(second, first, have_both[1]); });
    return outcome(have_both[0], have_both[1]);
}

Outcome shared_lock_for() {
    std::shared_timed_mutex mutex;
    int x = 0;
    int seen = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            x = 1;
        },
        [&] {
            if (mutex.try_lock_shared_for(10ms)) {
                seen = x;
                mutex.unlock_shared();
            }
        });
    return outcome(seen);
}

Outcome future_wait_in_loop() {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    int rounds = 0;
    int value = -1;
    concurrently([&] { promise.set_value(7); },
                 [&] {
                     while (rounds < 2 && future.wait_for(1ms) != std::future_status::ready) {
                         ++rounds;
                     }
                     value = rounds < 2 ? future.get() : -1;
                 });
    return outcome(rounds, value);
}

Outcome semaphore_acquire_for() {
    std::counting_semaphore<4> semaphore(0);
    int taken = 0;
    int x = 0;
    concurrently(
        [&] {
            x = 1;
            semaphore.release();
        },
        [&] {
            if (semaphore.try_acquire_for(1ms)) {
                taken = x;
            }
        });
    return outcome(taken);
}

timespec in_milliseconds(clockid_t clock, int count) {
    timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += count * 1'000'000;
    if (time.tv_nsec >= 1'000'000'000) {
        time.tv_nsec -= 1'000'000'000;
        ++time.tv_sec;
    }
    return time;
}

timespec in_a_millisecond(clockid_t clock) { return in_milliseconds(clock, 1); }

/// POSIX's wait for a condition, in a loop.
Outcome posix_wait_until() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    int is_set = 0;
    int error = 0;
    int seen = 0;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            is_set = 1;
            pthread_cond_signal(&changed);
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            const timespec until = in_a_millisecond(CLOCK_REALTIME);
            pthread_mutex_lock(&mutex);
            while (is_set == 0 && error == 0) {
                error = pthread_cond_timedwait(&changed, &mutex, &until);
            }
            seen = is_set;
            pthread_mutex_unlock(&mutex);
        });
    return outcome(error, seen);
}

Outcome posix_semaphore_until() {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    int errors[2] = {};
    const auto take = [&](int& error) {
        const timespec until = in_a_millisecond(CLOCK_REALTIME);
        error = sem_timedwait(&semaphore, &until) == 0 ? 0 : errno;
    };
    concurrently([&] { sem_post(&semaphore); }, [&] { take(errors[0]); }, [&] { take(errors[1]); });
    sem_destroy(&semaphore);
    return outcome(errors[0], errors[1]);
}

/// What the clock shows after a wait agrees with how the wait has ended.
Outcome clock_after_wait() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int error = 0;
    int is_late = 0;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            const timespec until = in_a_millisecond(CLOCK_REALTIME);
            error = pthread_mutex_timedlock(&mutex, &until);
            timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            is_late = now.tv_sec > until.tv_sec ||
                              (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec)
                          ? 1
                          : 0;
            if (error == 0) {
                pthread_mutex_unlock(&mutex);
            }
        });
    return outcome(error, is_late);
}

// ----- looks -------------------------------------------------------------------------------------

/// Two looks that nothing orders.
Outcome looks_of_two() {
    Clock::time_point times[2];
    concurrently([&] { times[0] = Clock::now(); }, [&] { times[1] = Clock::now(); });
    return outcome(times[0] < times[1] ? 1 : times[0] == times[1] ? 2 : 3);
}

/// Twice two: what the clock shows says in which order they were.
Outcome looks_of_two_twice() {
    Clock::time_point times[2][2];
    const auto look = [&](int i) {
        times[i][0] = Clock::now();
        times[i][1] = Clock::now();
    };
    concurrently([&] { look(0); }, [&] { look(1); });
    int order = 0;
    for (const Clock::time_point& a : times[0]) {
        for (const Clock::time_point& b : times[1]) {
            order = 2 * order + (a < b ? 1 : 0);
        }
    }
    return outcome(order);
}

/// A look that comes after another one, as a message tells.
Outcome looks_in_order() {
    std::atomic<int> is_sent{0};
    Clock::time_point sent;
    int age = -1;
    concurrently(
        [&] {
            sent = Clock::now();
            is_sent.store(1, release);
        },
        [&] {
            if (is_sent.load(acquire) != 0) {
                age = Clock::now() > sent ? 1 : 0;
            }
        });
    return outcome(age);
}

/// Another thread sleeps for longer than this one has time.
Outcome sleep_of_another() {
    int is_late = -1;
    concurrently([&] { std::this_thread::sleep_for(1s); },
                 [&] {
                     const Clock::time_point begin = Clock::now();
                     is_late = Clock::now() - begin >= 1s ? 1 : 0;
                 });
    return outcome(is_late);
}

Outcome sleeps_of_two() {
    std::atomic<int> x{0};
    int seen[2];
    concurrently(
        [&] {
            const Clock::time_point until = Clock::now() + 1ms;
            x.store(1, relaxed);
            std::this_thread::sleep_until(until);
            seen[0] = Clock::now() >= until ? 1 : 0;
        },
        [&] {
            std::this_thread::sleep_for(2ms);
            seen[1] = x.load(relaxed);
        });
    return outcome(seen[0], seen[1]);
}

/// Only one thread ever looks, and it has slept before.
Outcome look_if_set() {
    std::atomic<int> x{0};
    int slept = -1;
    const Clock::time_point begin = Clock::now();
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     std::this_thread::sleep_for(1ms);
                     if (x.load(relaxed) != 0) {
                         slept = Clock::now() - begin >= 1ms ? 1 : 0;
                     }
                 });
    return outcome(slept);
}

// ----- loops -------------------------------------------------------------------------------------

/// Polls until a time.
Outcome polls_until() {
    std::atomic<int> x{0};
    int seen = -1;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     const Clock::time_point end = Clock::now() + 10us;
                     do {
                         seen = x.load(relaxed);
                     } while (seen == 0 && Clock::now() < end);
                 });
    return outcome(seen);
}

/// Both do.
Outcome both_poll_until() {
    std::atomic<int> x{0};
    int seen[2] = {};
    const auto poll = [&](int mine, int& other) {
        const Clock::time_point end = Clock::now() + 2us;
        x.store(mine, relaxed);
        do {
            other = x.load(relaxed);
        } while (other == mine && Clock::now() < end);
    };
    concurrently([&] { poll(1, seen[0]); }, [&] { poll(2, seen[1]); });
    return outcome(seen[0], seen[1]);
}

/// Waits again for what is left of the time.
Outcome waits_for_the_rest() {
    std::mutex mutex;
    std::condition_variable changed;
    int count = 0;
    int seen = 0;
    concurrently(
        [&] {
            for (int i = 0; i < 2; ++i) {
                const std::lock_guard lock(mutex);
                ++count;
                changed.notify_one();
            }
        },
        [&] {
            const Clock::time_point end = Clock::now() + 10ms;
            std::unique_lock lock(mutex);
            while (count < 2 && changed.wait_until(lock, end) == std::cv_status::no_timeout) {
            }
            seen = count;
        });
    return outcome(seen);
}

/// Waits without a notification, and looks for itself.
Outcome waits_and_looks() {
    std::mutex mutex;
    std::condition_variable never;
    bool is_done = false;
    int seen = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            is_done = true;
        },
        [&] {
            std::unique_lock lock(mutex);
            while (!is_done) {
                never.wait_for(lock, 1ms);
            }
            seen = 1;
        });
    return outcome(seen);
}

/// Counts its waits.
Outcome gives_up_after_three() {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_set = false;
    int waits = 0;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            is_set = true;
            changed.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            int count = 0;
            while (!is_set && count < 3) {
                count += changed.wait_for(lock, 1ms) == std::cv_status::timeout ? 1 : 0;
            }
            waits = count;
        });
    return outcome(waits);
}

/// No thread ever notifies: only time ends the waits.
Outcome waits_until_it_is_late() {
    std::mutex mutex;
    std::condition_variable never;
    std::atomic<int> x{0};
    int seen = -1;
    concurrently([&] { x.store(1, relaxed); },
                 [&] {
                     const Clock::time_point end = Clock::now() + 3ms;
                     std::unique_lock lock(mutex);
                     while (Clock::now() < end) {
                         never.wait_for(lock, 1ms);
                     }
                     seen = x.load(relaxed);
                 });
    return outcome(seen);
}

/// The same, but the time is in the memory of another thread.
Outcome waits_until_time_of_another() {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_set = false;
    const Clock::time_point end = Clock::now() + 3ms;
    int seen = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            is_set = true;
            changed.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            while (!is_set && Clock::now() < end) {
                changed.wait_for(lock, 1ms);
            }
            seen = is_set ? 1 : 0;
        });
    return outcome(seen);
}

/// The same in seconds and nanoseconds.
Outcome waits_until_timespec_of_another() {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    bool is_set = false;
    const timespec end = in_milliseconds(CLOCK_REALTIME, 3);
    int seen = -1;
    concurrently(
        [&] {
            pthread_mutex_lock(&mutex);
            is_set = true;
            pthread_cond_signal(&changed);
            pthread_mutex_unlock(&mutex);
        },
        [&] {
            const auto is_early = [&] {
                timespec now{};
                clock_gettime(CLOCK_REALTIME, &now);
                return now.tv_sec < end.tv_sec ||
                       (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec);
            };
            pthread_mutex_lock(&mutex);
            while (!is_set && is_early()) {
                const timespec until = in_a_millisecond(CLOCK_REALTIME);
                pthread_cond_timedwait(&changed, &mutex, &until);
            }
            seen = is_set ? 1 : 0;
            pthread_mutex_unlock(&mutex);
        });
    return outcome(seen);
}

/// Retries until it has the lock, which the other one holds for a while.
Outcome locks_in_the_end() {
    std::timed_mutex mutex;
    int x = 0;
    int seen = -1;
    concurrently(
        [&] {
            const std::lock_guard lock(mutex);
            x = 1;
        },
        [&] {
            while (!mutex.try_lock_for(1ms)) {
            }
            seen = x;
            mutex.unlock();
        });
    return outcome(seen);
}

/// A lost wake-up that the limit hides: the status of the wait tells.
Outcome notified_before_it_waits() {
    std::mutex mutex;
    std::condition_variable changed;
    int status = -1;
    concurrently([&] { changed.notify_one(); },
                 [&] {
                     std::unique_lock lock(mutex);
                     status = changed.wait_for(lock, 1ms) == std::cv_status::timeout ? 1 : 0;
                 });
    return outcome(status);
}

/// The result is read after the time is up, though the other one may still write it.
Outcome reads_after_limit() {
    std::promise<void> promise;
    std::future<void> future = promise.get_future();
    int result = 0;
    int seen = -1;
    concurrently(
        [&] {
            result = 1;
            promise.set_value();
        },
        [&] {
            future.wait_for(1ms);
            seen = result;
        });
    return outcome(seen);
}

Outcomes every_outcome() { return {}; }

const Registration clocks[] = {
    Registration({"clock_queue_pop_for", queue_pop_for, every_outcome, every_outcome}),
    Registration({"clock_condition_status", condition_status, every_outcome, every_outcome}),
    Registration({"clock_lock_for", lock_for, every_outcome, every_outcome}),
    Registration({"clock_two_locks_for", two_locks_for, every_outcome, every_outcome}),
    Registration({"clock_shared_lock_for", shared_lock_for, every_outcome, every_outcome}),
    Registration({"clock_future_wait_in_loop", future_wait_in_loop, every_outcome, every_outcome}),
    Registration(
        {"clock_semaphore_acquire_for", semaphore_acquire_for, every_outcome, every_outcome}),
    Registration({"clock_posix_wait_until", posix_wait_until, every_outcome, every_outcome}),
    Registration(
        {"clock_posix_semaphore_until", posix_semaphore_until, every_outcome, every_outcome}),
    Registration({"clock_after_wait", clock_after_wait, every_outcome, every_outcome}),
    Registration({"clock_looks_of_two", looks_of_two, every_outcome, every_outcome}),
    Registration({"clock_looks_of_two_twice", looks_of_two_twice, every_outcome, every_outcome}),
    Registration({"clock_looks_in_order", looks_in_order, every_outcome, every_outcome}),
    Registration({"clock_sleep_of_another", sleep_of_another, every_outcome, every_outcome}),
    Registration({"clock_sleeps_of_two", sleeps_of_two, every_outcome, every_outcome}),
    Registration({"clock_look_if_set", look_if_set, every_outcome, every_outcome}),
    Registration({"clock_polls_until", polls_until, every_outcome, every_outcome}),
    Registration({"clock_both_poll_until", both_poll_until, every_outcome, every_outcome}),
    Registration({"clock_waits_for_the_rest", waits_for_the_rest, every_outcome, every_outcome}),
    Registration({"clock_waits_and_looks", waits_and_looks, every_outcome, every_outcome}),
    Registration(
        {"clock_gives_up_after_three", gives_up_after_three, every_outcome, every_outcome}),
    Registration(
        {"clock_waits_until_it_is_late", waits_until_it_is_late, every_outcome, every_outcome}),
    Registration({"clock_waits_until_time_of_another", waits_until_time_of_another, every_outcome,
                  every_outcome}),
    Registration({"clock_waits_until_timespec_of_another", waits_until_timespec_of_another,
                  every_outcome, every_outcome}),
    Registration({"clock_locks_in_the_end", locks_in_the_end, every_outcome, every_outcome}),
    Registration(
        {"clock_notified_before_it_waits", notified_before_it_waits, every_outcome, every_outcome}),
    Registration({"clock_reads_after_limit", reads_after_limit, every_outcome, every_outcome})};

}  // namespace
