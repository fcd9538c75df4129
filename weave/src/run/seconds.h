// Seconds of a clock of the system, which has nothing to do with the execution's own in time.h.
#pragma once

#include <ctime>

namespace weave {

/// From CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, which costs little, or CLOCK_PROCESS_CPUTIME_ID.
inline double seconds_of(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace weave
