// Faults that are a state between two steps, which a reader must hit.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

#include "subjects.h"

namespace finding {

namespace {

/// `count` threads that do one thing, and one that does another, to their end.
void run_against(int count, auto many, auto one) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back(many);
    }
    threads.emplace_back(one);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace

void reorder(int setters) {
    std::atomic<int> a{0};
    std::atomic<int> b{0};
    run_against(
        setters,
        [&] {
            a = 1;
            b = -1;
        },
        [&] {
            const int first = a;
            const int second = b;
            assert((first == 0 && second == 0) || (first == 1 && second == -1));
        });
}

void two_stage(int writers) {
    std::mutex first_lock;
    std::mutex second_lock;
    int first = 0;
    int second = 0;
    run_against(
        writers,
        [&] {
            int seen = 0;
            {
                const std::lock_guard guard(first_lock);
                first = 1;
                seen = first;
            }
            const std::lock_guard guard(second_lock);
            second = seen + 1;
        },
        [&] {
            int seen = 0;
            {
                const std::lock_guard guard(first_lock);
                if (first == 0) {
                    return;
                }
                seen = first;
            }
            const std::lock_guard guard(second_lock);
            assert(second == seen + 1);
        });
}

}  // namespace finding
