// Judges what a mailbox did on one thread against a sequential model of a bounded queue.
//
// On one thread every load reads the newest value, so the contract leaves nothing open: a push is
// refused exactly when Capacity tickets are unconsumed (claimed ones included), a registration
// exactly when fewer slots are free than it takes, a pop returns nothing exactly when the oldest
// ticket is unpublished, and a batch ends exactly there.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/mailbox/mailbox_step_history.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"

namespace fuzz {

/// The first call that the model does not allow, or nothing. Counts the states it passes through
/// for mailbox_step_states(). Not thread-safe.
std::optional<Finding> judge(const MailboxStepSchedule& schedule,
                             const MailboxStepHistory& history);

/// The interesting states, and how often judge() has passed through each.
std::vector<StateCount> mailbox_step_states();

}  // namespace fuzz
