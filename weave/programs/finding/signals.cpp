// Wake-ups that are lost, and messages without a release or an acquire.
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "subjects.h"

namespace finding {

void lost_wake_up(int waiters) {
    std::atomic<bool> is_open{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < waiters; ++i) {
        threads.emplace_back([&] { is_open.wait(false); });
    }
    threads.emplace_back([&] {
        // Wrong: before the store that it announces.
        is_open.notify_all();
        is_open = true;
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
}

void lost_wake_up_with_lock(int waiters) {
    std::mutex lock;
    std::condition_variable opened;
    std::atomic<bool> is_open{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < waiters; ++i) {
        threads.emplace_back([&] {
            std::unique_lock guard(lock);
            while (!is_open) {
                opened.wait(guard);
            }
        });
    }
    threads.emplace_back([&] {
        // Wrong: without the lock, it may come between a look at the flag and the wait.
        is_open = true;
        opened.notify_all();
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
}

namespace {

constexpr std::memory_order relaxed = std::memory_order_relaxed;
constexpr std::memory_order acquire = std::memory_order_acquire;
constexpr std::memory_order release = std::memory_order_release;

constexpr int hops_max = 4;

/// A message passes through `hops` threads. Each looks once whether it has come, and passes it on.
/// All of the message is atomic, so that only a stale load shows the fault, and not a race.
void pass_message(int hops, std::memory_order publish, auto look) {
    std::atomic<int> message{0};
    std::atomic<int> flags[hops_max] = {};
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
        message.store(42, relaxed);
        flags[0].store(1, publish);
    });
    for (int hop = 1; hop <= hops; ++hop) {
        threads.emplace_back([&, hop] {
            if (look(flags[hop - 1])) {
                assert(message.load(relaxed) == 42);
                if (hop < hops) {
                    flags[hop].store(1, release);
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

bool look_and_fence(std::atomic<int>& flag) {
    const bool is_set = flag.load(relaxed) != 0;
    std::atomic_thread_fence(acquire);
    return is_set;
}

}  // namespace

void missing_release_for_load(int hops) {
    pass_message(hops, relaxed, [](std::atomic<int>& flag) { return flag.load(acquire) != 0; });
}
void missing_release_for_rmw(int hops) {
    pass_message(hops, relaxed,
                 [](std::atomic<int>& flag) { return flag.exchange(2, acquire) != 0; });
}
void missing_release_for_fence(int hops) { pass_message(hops, relaxed, look_and_fence); }

void missing_acquire_of_load(int hops) {
    pass_message(hops, release, [](std::atomic<int>& flag) { return flag.load(relaxed) != 0; });
}
void missing_acquire_of_rmw(int hops) {
    pass_message(hops, release,
                 [](std::atomic<int>& flag) { return flag.exchange(2, relaxed) != 0; });
}
void missing_acquire_by_fence(int hops) {
    pass_message(hops, release, [](std::atomic<int>& flag) {
        // Wrong: a fence before the load orders nothing after it.
        std::atomic_thread_fence(acquire);
        return flag.load(relaxed) != 0;
    });
}

}  // namespace finding
