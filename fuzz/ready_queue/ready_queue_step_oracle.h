// Judges what a ready queue did on one thread against a sequential model: tickets in order, each
// claimed by a push, put, drawn by a pop, taken.
//
// On one thread the contract leaves nothing open: a push takes fewer tasks than it was offered
// exactly when Capacity tickets are drawn by pushes and not by pops; a pop ends exactly before the
// first ticket that is not put; a put waits exactly while the pop of the ticket one lap before
// is unfinished. size() may or may not count unfinished calls, and is exact without them.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/ready_queue/ready_queue_step_history.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"

namespace fuzz {

/// The first call that the model does not allow, or nothing. Counts the states it passes through
/// for ready_queue_step_states(). Not thread-safe.
std::optional<Finding> judge(const ReadyQueueStepSchedule& schedule,
                             const ReadyQueueStepHistory& history);

/// The interesting states, and how often judge() has passed through each.
std::vector<StateCount> ready_queue_step_states();

}  // namespace fuzz
