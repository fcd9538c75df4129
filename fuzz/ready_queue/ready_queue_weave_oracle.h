// Judges what a ready queue did under weave by what C++ orders: the bounds of
// ready_queue_threads_oracle.h, with "happens before" in place of times. A call can have seen every
// call that it does not happen before, and has seen for sure only those that happen before it.
//
//   order   A before B in the pushes and B before A in the pops is a finding
//   full    a push that took k of n:
//           claims that it can have seen - pops before it for sure >= Capacity - k
//   empty   a pop that got less than it asked for leaves a task whose push happens before it only
//           behind a task whose push does not
//   size()  lies between tasks pushed for sure and popped at most, and the other way round
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"

namespace fuzz {

/// The first thing that the contract does not allow in a history that judge() has accepted, or
/// nothing. Its moments are those of fuzz/kit/moments.h. Counts states. Not thread-safe.
std::optional<Finding> judge_by_clocks(const ReadyQueueThreadsSchedule& schedule,
                                       const ReadyQueueThreadsHistory& history);

/// The interesting states, and how often judge_by_clocks() has seen each.
std::vector<StateCount> ready_queue_weave_states();

}  // namespace fuzz
