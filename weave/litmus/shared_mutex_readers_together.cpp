// Two readers have a shared lock at the same time, or one after the other.
#include "litmus.h"

#include <mutex>
#include <shared_mutex>

LITMUS(shared_mutex_readers_together) {
    std::shared_mutex mutex;
    std::atomic<int> inside = 0;
    std::atomic<int> together = 0;
    const auto reader = [&] {
        const std::shared_lock guard(mutex);
        if (inside.fetch_add(1, relaxed) == 1) {
            together.store(1, relaxed);
        }
        inside.fetch_sub(1, relaxed);
    };
    concurrently(reader, reader);
    return outcome(together.load(relaxed));
}
ALLOWED({0}, {1});
FORBIDDEN(deadlock);
