// Judges what a scheduler schedule led to, with a model of the contract that follows the history
// event by event. Shares no code and no numbers with the product.
//
// Where the contract leaves a choice (which ready task goes to which free core, which dummies make
// a batch) the model accepts what it sees if it is allowed, and continues from there. It predicts
// everything else: what a submission returns, which tasks complete and are consumed in which
// action, errors, the watchdog, the numbers of waiting tasks, messages and buffered releases.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/scheduler/scheduler_step_history.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"

namespace fuzz {

/// The first thing that is wrong with a history, if anything is. Not thread-safe.
std::optional<Finding> judge(const SchedulerStepSchedule& schedule,
                             const SchedulerStepHistory& history);

/// The first difference between two platforms; without one, what is wrong with the last.
std::optional<Finding> judge(const PlatformPairSchedule& schedule,
                             const PlatformPairHistory& history);

/// The interesting states, and how often judge() has passed through each.
std::vector<StateCount> scheduler_step_states();

}  // namespace fuzz
