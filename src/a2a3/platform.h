// Platform a2a3: its completion types, its sizes, and what its caches need.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../runtime/completion_condition.h"
#include "../runtime/mailbox.h"
#include "../runtime/task_slot.h"
#include "../runtime/wait_list.h"

namespace pto::a2a3 {

/// The facts in which platforms differ; everything in src/runtime has them as a parameter.
struct Platform {
    static constexpr const char* name = "a2a3";
    static constexpr uint32_t mailbox_capacity = AICORE_COMPLETION_MAILBOX_CAPACITY;
    static constexpr int32_t block_dim_max = 24;
    /// Cores and engines bypass the caches of the scheduler threads.
    static constexpr bool has_coherent_caches = false;

    /// What waits for what, indexed by completion type. `Self` is this platform, or one that is
    /// derived from it.
    template <class Self>
    static constexpr CompletionBackendOps<Self> completion_backends[] = {
        counter_backend<Self>,       // COMPLETION_TYPE_COUNTER
        event_record_backend<Self>,  // COMPLETION_TYPE_SDMA_EVENT_RECORD
    };

    // A port discards the lines of a range before a scheduler thread reads what a core or an engine
    // has written, and writes them back after it has written what a core will read. Here nothing
    // bypasses the caches; the simulated machine puts its model of them in place (sim/caches.h).
    static void cache_invalidate_range(const void*, size_t) noexcept {}
    static void cache_flush_range(const void*, size_t) noexcept {}
};

using AICoreCompletionMailbox = pto::AICoreCompletionMailbox<Platform::mailbox_capacity>;
using PTO2TaskSlotState = pto::PTO2TaskSlotState<Platform>;
using PTO2LocalReadyBuffer = pto::PTO2LocalReadyBuffer<Platform>;
using CompletionScheduler = pto::CompletionScheduler<Platform>;
using CompletionCondition = pto::CompletionCondition<Platform>;
using CompletionBackendOps = pto::CompletionBackendOps<Platform>;
using AsyncWaitEntry = pto::AsyncWaitEntry<Platform>;
using AsyncPollResult = pto::AsyncPollResult<Platform>;
using AsyncWaitList = pto::AsyncWaitList<Platform>;

static_assert(sizeof(PTO2TaskSlotState) == 64);

/// The backend of a completion type, or null for a type that the platform does not know.
inline const CompletionBackendOps* completion_backend_ops_for(int32_t completion_type) noexcept {
    return pto::completion_backend_ops_for<Platform>(completion_type);
}

/// Has the transfer `post_id` ended, as far as the record at `record_addr` says?
inline CompletionPollResult poll_sdma_post_done_record(uint64_t record_addr,
                                                       uint64_t post_id) noexcept {
    return pto::poll_sdma_post_done_record<Platform>(record_addr, post_id);
}

/// What has another form, and not just another name, in the runtime's later names.
namespace renamed {

using AsyncWaitList = pto::AsyncWaitList<Platform, SinkWithoutLocalBuffers<Platform>>;
using SchedulerState = pto::RenamedCompletionScheduler<Platform>;

}  // namespace renamed

}  // namespace pto::a2a3
