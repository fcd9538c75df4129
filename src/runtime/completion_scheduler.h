// What the wait list asks of a scheduler: two calls, both made under the wait list's lock.
#pragma once

#include "task_slot.h"

namespace pto {

/// A scheduler thread's private buffer of tasks that became ready; only passed through here.
template <class Platform>
struct PTO2LocalReadyBuffer;

/// The scheduler, as the wait list sees it.
///
/// The thread that holds the wait list's lock makes both calls, so an implementation must not push
/// into the mailbox, take that lock, or call back into the wait list.
template <class Platform>
class CompletionScheduler {
  public:
    /// Lets the consumers of a completed task run. `slot` is COMPLETED already; called once per
    /// task. `local_bufs` is what the poller passed in, and may be null.
    virtual void on_mixed_task_complete(PTO2TaskSlotState<Platform>& slot,
                                        PTO2LocalReadyBuffer<Platform>* local_bufs) noexcept = 0;

    /// Gives back the task's own hold on its slot, which may be reused from then on. Called once
    /// per task, after on_mixed_task_complete().
    virtual void on_task_release(PTO2TaskSlotState<Platform>& slot) noexcept = 0;

  protected:
    ~CompletionScheduler() = default;
};

/// The same for a runtime that calls a completed task by a shorter name and whose scheduler threads
/// have no ready buffer of their own.
template <class Platform>
class RenamedCompletionScheduler : public CompletionScheduler<Platform> {
  public:
    /// As on_mixed_task_complete().
    virtual void on_task_complete(PTO2TaskSlotState<Platform>& slot) noexcept = 0;

  protected:
    ~RenamedCompletionScheduler() = default;

  private:
    void on_mixed_task_complete(PTO2TaskSlotState<Platform>& slot,
                                PTO2LocalReadyBuffer<Platform>*) noexcept final {
        on_task_complete(slot);
    }
};

}  // namespace pto
