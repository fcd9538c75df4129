// Condition variables and barriers.
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

/// A queue of one place: a thread puts two values, and two threads take one each.
template <bool NotifiesAll>
Outcome hand_over() {
    std::mutex mutex;
    std::condition_variable condition;
    int ready = 0;
    int taken[2] = {};
    const auto take = [&](int& to) {
        std::unique_lock lock(mutex);
        condition.wait(lock, [&] { return ready != 0; });
        to = ready--;
    };
    concurrently(
        [&] {
            {
                const std::lock_guard guard(mutex);
                ready = 2;
            }
            if (NotifiesAll) {
                condition.notify_all();
            } else {
                condition.notify_one();
            }
        },
        [&] { take(taken[0]); }, [&] { take(taken[1]); });
    return outcome(taken[0], taken[1]);
}

/// A notification without the mutex, and a test that is not repeated.
Outcome lost() {
    std::mutex mutex;
    std::condition_variable condition;
    std::atomic<int> ready = 0;
    int seen = 0;
    concurrently(
        [&] {
            ready.store(1, relaxed);
            condition.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            if (ready.load(relaxed) == 0) {
                condition.wait(lock);
            }
            seen = ready.load(relaxed);
        });
    return outcome(seen);
}

/// A wait with a limit, in a loop or not.
template <bool InLoop>
Outcome limited() {
    std::mutex mutex;
    std::condition_variable condition;
    bool is_ready = false;
    int late = 0;
    concurrently(
        [&] {
            const std::lock_guard guard(mutex);
            is_ready = true;
            condition.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            while (!is_ready) {
                const auto until =
                    std::chrono::steady_clock::time_point(std::chrono::hours(1'000'000));
                late += condition.wait_until(lock, until) == std::cv_status::timeout ? 1 : 0;
                if (!InLoop) {
                    break;
                }
            }
        });
    return outcome(late, is_ready);
}

/// Two conditions, there and back.
Outcome there_and_back() {
    std::mutex mutex;
    std::condition_variable there;
    std::condition_variable back;
    int turn = 0;
    concurrently(
        [&] {
            std::unique_lock lock(mutex);
            turn = 1;
            there.notify_one();
            back.wait(lock, [&] { return turn == 2; });
        },
        [&] {
            std::unique_lock lock(mutex);
            there.wait(lock, [&] { return turn == 1; });
            turn = 2;
            back.notify_one();
        });
    return outcome(turn);
}

template <int Threads, int Rounds>
Outcome barrier() {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, Threads);
    std::atomic<int> x = 0;
    int seen[4] = {};
    int serial = 0;
    std::thread threads[Threads];
    for (int i = 0; i < Threads; ++i) {
        threads[i] = std::thread([&, i] {
            for (int round = 0; round < Rounds; ++round) {
                x.fetch_add(1, relaxed);
                if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
                    serial = 10 * serial + i;
                }
                seen[i] = 10 * seen[i] + x.load(relaxed);
                pthread_barrier_wait(&barrier);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    pthread_barrier_destroy(&barrier);
    return outcome(seen[0], seen[1], seen[2], serial);
}

/// A barrier that waits for one thread more than there are.
Outcome barrier_too_large() {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 3);
    concurrently([&] { pthread_barrier_wait(&barrier); }, [&] { pthread_barrier_wait(&barrier); });
    return outcome(0);
}

Outcomes all_outcomes() { return {}; }

const Registration conditions[] = {
    Registration({"condition_one_of_two", hand_over<false>, all_outcomes, all_outcomes}),
    Registration({"condition_all_of_two", hand_over<true>, all_outcomes, all_outcomes}),
    Registration({"condition_lost", lost, all_outcomes, all_outcomes}),
    Registration({"condition_limited", limited<false>, all_outcomes, all_outcomes}),
    Registration({"condition_limited_in_loop", limited<true>, all_outcomes, all_outcomes}),
    Registration({"condition_there_and_back", there_and_back, all_outcomes, all_outcomes}),
    Registration({"barrier_of_2", barrier<2, 1>, all_outcomes, all_outcomes}),
    Registration({"barrier_of_2_twice", barrier<2, 2>, all_outcomes, all_outcomes}),
    Registration({"barrier_of_3", barrier<3, 1>, all_outcomes, all_outcomes}),
    Registration({"barrier_too_large", barrier_too_large, all_outcomes, all_outcomes})};

}  // namespace
