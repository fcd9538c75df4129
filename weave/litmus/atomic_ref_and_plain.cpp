// An object that one thread uses by an atomic reference and the other one plainly: that is a race.
#include "litmus.h"

#include <memory>

LITMUS(atomic_ref_and_plain) {
    const auto count = std::make_unique<int>(0);
    concurrently([&] { std::atomic_ref(*count).fetch_add(1, relaxed); }, [&] { *count = 1; });
    return outcome(*count);
}
ALLOWED(data_race);
FORBIDDEN({1}, {2});
