// How fast the execution's clock runs for a thread that only looks at it.
#include "run/time.h"

#include "run/check.h"

namespace weave {

void Time::begin_execution() {
    now_ns_ = first_ns;
    look_ns_ = 0;
}

uint64_t Time::look(uint64_t side_effects) {
    constexpr uint64_t ns_min = 1'000;
    constexpr uint64_t ns_max = 3600 * ns_per_second;
    look_ns_ = look_effects_ == side_effects ? std::clamp(2 * look_ns_, ns_min, ns_max) : ns_min;
    look_effects_ = side_effects;
    WEAVE_CHECK(ns_min <= look_ns_ && look_ns_ <= ns_max, look_ns_);
    now_ns_ += look_ns_;
    return now_ns_;
}

}  // namespace weave
