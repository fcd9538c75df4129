// The faults that ../../README.md measures the choosers by: each is the body of an exploration.
//
// A body takes a size, such as a number of threads. Every atomic operation is seq_cst unless the
// fault is about orders, so that a fault takes an interleaving and not a stale load.
#pragma once

namespace finding {

/// `setters` threads store a and then b; a checker must see both stores of a thread or none.
void reorder(int setters);
/// `writers` threads change two data, each under a mutex of its own; a reader sees that the second
/// has not followed the first.
void two_stage(int writers);
/// Owner and thieves of a work-stealing queue of `items`: the owner takes the last item without
/// asking the thieves, because of a wrong bound.
void work_stealing(int items);
/// The same in a queue whose thieves take a lock.
void work_stealing_with_lock(int items);
/// A thread of `waiters` goes to sleep after the notification that it needs.
void lost_wake_up(int waiters);
/// The same with a condition variable.
void lost_wake_up_with_lock(int waiters);
/// A message whose flag is stored without release; `hops` threads pass it on.
void missing_release_for_load(int hops);
void missing_release_for_rmw(int hops);
void missing_release_for_fence(int hops);
/// The same, where each reader of a flag lacks the acquire.
void missing_acquire_of_load(int hops);
void missing_acquire_of_rmw(int hops);
void missing_acquire_by_fence(int hops);
/// Vyukov's SafeStack, by as many threads as elements.
void safe_stack(int threads);

}  // namespace finding
