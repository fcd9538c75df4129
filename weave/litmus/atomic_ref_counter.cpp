// Two increments of a plain object on the heap by atomic references: none is lost.
#include "litmus.h"

#include <memory>

LITMUS(atomic_ref_counter) {
    const auto count = std::make_unique<int>(0);
    const auto increment = [&] { std::atomic_ref(*count).fetch_add(1, relaxed); };
    concurrently(increment, increment);
    return outcome(*count);
}
ALLOWED({2});
FORBIDDEN({1}, data_race);
