// Structure-aware mutation and crossover for every schedule: they work on whole records and on
// header bytes, so that the result is again a schedule that a reader recognises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/kit/random.h"
#include "fuzz/kit/schedule_format.h"
#include "fuzz/kit/wishes.h"

namespace fuzz {

/// How wishes are added, where a format has room for them.
struct Wishing {
    bool is_on = true;
    /// FuzzTarget::propose_wish. Without it, and if it has nothing to propose, any wish is added.
    std::optional<Wish> (*propose)(Bytes input, Random& random) = nullptr;
};

/// Changes `input` in one to four places: records are inserted, removed, repeated, swapped, moved
/// or altered in one byte, header bytes are set, wishes are added, altered and dropped. Never makes
/// the input longer than `size_max`; never leaves it empty. The result depends on the arguments
/// alone, and on what `wishing` proposes.
void mutate_schedule(const ScheduleFormat& format, std::vector<uint8_t>& input, size_t size_max,
                     Random& random, const Wishing& wishing = {});

/// A child of two schedules: the header and the wishes of one of them, then runs of records from
/// both in turn; without records, the beginning of one input and the end of the other. At most
/// `size_max` bytes, which must be at least 1.
std::vector<uint8_t> cross_schedules(const ScheduleFormat& format, Bytes first, Bytes second,
                                     size_t size_max, Random& random);

}  // namespace fuzz
