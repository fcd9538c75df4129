// Judges what a mailbox did on real threads, from the history alone.
//
// Every message carries its producer and number, so loss, duplication, tearing and order show
// without any timing. With stamps the contract's bounds can be checked as well. "Full" is one: a
// push that took fewer messages than it was offered must have read a head h and then a tail t with
// h - t = Capacity - taken. The claims that could make up h began before the push returned, and
// every pop that returned before the push began is part of t. So
//     claims begun before its end - pops ended before its begin >= Capacity - taken.
// A registration is taken as a whole, so it is refused with fewer slots free than it takes.
// "Empty" is the other: a pop that got less than it asked for stopped at a message whose push had
// not returned when the pop began.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/mailbox/mailbox_threads_history.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"

namespace fuzz {

/// The first thing in the history that the contract does not allow, or nothing. Counts the states
/// that the schedule reached for mailbox_threads_states(). Not thread-safe.
std::optional<Finding> judge(const MailboxThreadsSchedule& schedule,
                             const MailboxThreadsHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> mailbox_threads_states();

}  // namespace fuzz
