// A whole scheduler on cores that the test moves by hand, one turn at a time.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "src/a2a3/platform.h"
#include "src/runtime/scheduler.h"
#include "tests/unit/fake_cores.h"

namespace mailproof::test {

inline constexpr uint8_t aic = pto::SUBTASK_AIC;
inline constexpr uint8_t aiv0 = pto::SUBTASK_AIV0;
inline constexpr uint8_t aiv1 = pto::SUBTASK_AIV1;

/// Sizes that a test can fill.
inline pto::SchedulerConfig small_config(uint32_t threads = 1, uint32_t window = 64) {
    pto::SchedulerConfig config;
    config.thread_count = threads;
    config.ring_count = 2;
    config.window = window;
    config.dependency_capacity = window;
    config.ready_queue_capacity = 2 * window;
    config.watchdog_limit_ns = 1000;
    return config;
}

struct SchedulerRig {
    using Platform = pto::a2a3::Platform;
    using Scheduler = pto::Scheduler<Platform>;
    using Slot = pto::PTO2TaskSlotState<Platform>;
    using Ids = std::vector<pto::PTO2TaskId>;

    FakeCores cores;
    const std::unique_ptr<Scheduler> owned_scheduler;
    Scheduler& scheduler = *owned_scheduler;

    explicit SchedulerRig(const pto::SchedulerConfig& config = small_config(),
                          uint32_t clusters = 1)
        : cores(clusters), owned_scheduler(std::make_unique<Scheduler>(cores, config)) {}

    /// Submits a task that has to be taken at once.
    pto::PTO2TaskId submit(uint8_t active_mask, const Ids& after = {}, int32_t blocks = 1) {
        const auto result = scheduler.submission().try_submit_task(
            {.active_mask = active_mask, .block_num = blocks, .dependencies = after});
        EXPECT_EQ(result.error_code, 0);
        EXPECT_TRUE(result.task_id.is_valid());
        return result.task_id;
    }

    /// What submitting such a task says.
    int32_t refusal(uint8_t active_mask, const Ids& after = {}, int32_t blocks = 1) {
        const auto result = scheduler.submission().try_submit_task(
            {.active_mask = active_mask, .block_num = blocks, .dependencies = after});
        EXPECT_FALSE(result.task_id.is_valid());
        return result.error_code;
    }

    Slot& slot(pto::PTO2TaskId id) { return scheduler.ring(id.ring()).slot(id.local()); }
    int32_t state(pto::PTO2TaskId id) { return slot(id).task_state.load(); }
    uint64_t completed() { return scheduler.completion().completed(); }
    uint64_t ready(pto::TaskShape shape) { return scheduler.queues().queue(shape).size(); }

    bool step(uint32_t thread = 0) { return scheduler.dispatch().step(scheduler.thread(thread)); }
    void wait(uint32_t thread = 0) { scheduler.dispatch().wait(scheduler.thread(thread)); }
    void leave(uint32_t thread = 0) { scheduler.dispatch().leave(scheduler.thread(thread)); }

    /// Takes turns until nothing happens any more, on cores that end every task at once.
    void run_dry() {
        cores.on_doorbell = [this](uint32_t core, uint32_t id) {
            if (pto::is_dispatch_id(id)) {
                cores.fin(core, id);
            }
        };
        while (step()) {
        }
        scheduler.completion().flush_releases(scheduler.thread(0));
    }
};

}  // namespace mailproof::test
