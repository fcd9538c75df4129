// Judges what a mailbox did under weave by what C++ orders: the bounds of mailbox_threads_oracle.h,
// with "happens before" in place of times. The order of popping gives every message its ticket.
//
//   order       if one push happens before another, it has the lower ticket
//   full        a push that took k of n:
//               claims that it can have seen - messages out for sure >= Capacity - k
//   capacity    a ticket is not pushed for sure before the one Capacity below it began to come out
//   empty       the push of the next message does not happen before a pop that stopped at it
//   has_pending is not false if a push happens before it and it happens before the message's pop
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/mailbox/mailbox_threads_history.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"

namespace fuzz {

/// The first thing that the contract does not allow in a history that judge() has accepted, or
/// nothing. Its moments are those of fuzz/kit/moments.h. Counts states. Not thread-safe.
std::optional<Finding> judge_by_clocks(const MailboxThreadsSchedule& schedule,
                                       const MailboxThreadsHistory& history);

/// The interesting states, and how often judge_by_clocks() has seen each.
std::vector<StateCount> mailbox_weave_states();

}  // namespace fuzz
