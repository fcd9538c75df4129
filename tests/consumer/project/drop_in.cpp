// A runtime that keeps its include lines and uses one platform's drop-in folder.
#include "aicore_completion_mailbox.h"
#include "aicore_completion_mailbox_types.h"
#include "pto_async_wait.h"
#include "pto_runtime2_types.h"
#include "scheduler/pto_scheduler.h"

#include <cstdint>
#include <cstdio>
#include <memory>

namespace {

class CountingScheduler final : public CompletionScheduler {
  public:
    int completed = 0;

    void on_mixed_task_complete(PTO2TaskSlotState&, PTO2LocalReadyBuffer*) noexcept override {
        ++completed;
    }
    void on_task_release(PTO2TaskSlotState&) noexcept override {}
};

}  // namespace

int main() {
    const auto list = std::make_unique<AsyncWaitList>();
    const auto mailbox = std::make_unique<AICoreCompletionMailbox>();
    CountingScheduler scheduler;
    PTO2TaskSlotState slot{};
    const PTO2TaskId token = PTO2TaskId::make(1, 2);
    const bool pushed = aicore_completion_mailbox_try_push_normal_done(
        mailbox.get(), token, reinterpret_cast<uintptr_t>(&slot));
    int32_t release_count = 0;
    const AsyncPollResult result = list->poll_and_complete<false>(
        mailbox.get(), &scheduler, nullptr, nullptr, release_count, 0);
    const bool works = pushed && result.completed == 1 && result.error_code == PTO2_ERROR_NONE &&
                       scheduler.completed == 1 && slot.task_state.load() == PTO2_TASK_COMPLETED;
    std::puts(works ? "the drop-in completes its task" : "the task was not completed");
    return works ? 0 : 1;
}
