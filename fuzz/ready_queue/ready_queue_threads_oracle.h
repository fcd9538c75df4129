// Judges what a ready queue did on real threads, from the history alone.
//
// Every task has a number, so loss, repetition and the order in which one popper sees one pusher's
// tasks show without any timing; so does the rule that batches are pushed and popped as one piece.
//
// With stamps: A was pushed before B if A's push returned before B's began, and popped after B if
// its pop began after B's returned; both together are a finding, for any pushers and poppers. The
// contract's bounds on calls that overlap follow from what each can have read at most:
//   full    a push that took k of n read two counters that differ by Capacity - k, so
//           claims begun before its end - pops ended before its begin >= Capacity - k
//   empty   a pop that got less than it asked for stopped at a push that had not returned when the
//           pop began, or at the end of the queue. What was pushed before all such pushes began was
//           drawn by then, by pops that began before this one ended.
//   size()  lies between tasks pushed for sure and popped at most, and the other way round.
#pragma once

#include <optional>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"
#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"

namespace fuzz {

/// The first thing in the history that the contract does not allow, or nothing. Counts the states
/// that the schedule reached for ready_queue_threads_states(). Not thread-safe.
std::optional<Finding> judge(const ReadyQueueThreadsSchedule& schedule,
                             const ReadyQueueThreadsHistory& history);

/// The interesting states, and how often judge() has seen each.
std::vector<StateCount> ready_queue_threads_states();

}  // namespace fuzz
