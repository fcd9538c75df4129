// A runtime that keeps its include lines and uses one platform's folder of the later names.
#include "aicore_completion_mailbox.h"
#include "aicore_completion_mailbox_types.h"
#include "async_wait.h"
#include "completion_token.h"
#include "runtime_types.h"
#include "scheduler/scheduler.h"

#include <cstdint>
#include <cstdio>
#include <memory>

int main() {
    const auto list = std::make_unique<AsyncWaitList>();
    const auto mailbox = std::make_unique<AICoreCompletionMailbox>();
    const TaskId token = TaskId::make(1, 2);
    uint64_t record = 0;
    const bool pushed =
        mailbox->try_push_condition(token, reinterpret_cast<uintptr_t>(&record), 7, 0,
                                    COMPLETION_ENGINE_SDMA, COMPLETION_TYPE_SDMA_EVENT_RECORD);
    int32_t release_count = 0;
    const auto poll = [&] {
        return list->poll_and_complete<false>(mailbox.get(), nullptr, nullptr, release_count, 0);
    };
    const bool waited = poll().error_code == SIMPLER_ERROR_NONE && list->count == 1 &&
                        list->entries[0].waiting_completion_count == 1;
    record = 7;
    const bool held =
        poll().error_code == SIMPLER_ERROR_NONE && list->entries[0].waiting_completion_count == 0;
    const bool works = pushed && waited && held;
    std::puts(works ? "the condition held" : "the condition did not hold");
    return works ? 0 : 1;
}
