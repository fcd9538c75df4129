// Structure-aware mutation and crossover for every schedule: they work on whole records and on
// header bytes, so that the result is again a schedule that a reader recognises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/kit/random.h"
#include "fuzz/kit/schedule_format.h"

namespace fuzz {

/// Changes `input` in one to four places: records are inserted, removed, repeated, swapped, moved
/// or altered in one byte, header bytes are set. Never makes the input longer than `size_max`;
/// never leaves it empty. The result depends on the arguments alone.
void mutate_schedule(const ScheduleFormat& format, std::vector<uint8_t>& input, size_t size_max,
                     Random& random);

/// A child of two schedules: the header of one of them, then runs of records from both in turn;
/// without records, the beginning of one input and the end of the other.
/// At most `size_max` bytes, which must be at least 1.
std::vector<uint8_t> cross_schedules(const ScheduleFormat& format, Bytes first, Bytes second,
                                     size_t size_max, Random& random);

}  // namespace fuzz
