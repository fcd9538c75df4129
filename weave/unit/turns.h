// Turns for choosers to decide.
#pragma once

#include <cstdint>

#include <run/chooser.h>

namespace weave {

// What threads are about to do where it does not matter.
inline constexpr Operation no_operations[threads_max] = {};

inline Turn turn_of(const ThreadSet& enabled, unsigned current, uint64_t step = 1,
                    const Operation* pending = no_operations) {
    return {enabled, current, step, pending};
}

/// A bit for each of the first threads.
inline uint64_t first_threads(unsigned count) { return (uint64_t{1} << count) - 1; }

}  // namespace weave
