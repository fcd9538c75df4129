// Tests what the wait list's target reports of a hang, on a platform where no look at memory ends.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>

#include "fuzz/kit/watched_run.h"
#include "fuzz/wait_list/wait_list_step_runner.h"
#include "src/a5/platform.h"

namespace fuzz::test {
namespace {

struct StuckPlatform : pto::a5::Platform {
    static void cache_invalidate_range(const void*, size_t) noexcept { never_return(); }
};

class StuckRunner {
  public:
    using Schedule = WaitListStepSchedule;
    using History = WaitListStepHistory;

    void run(const Schedule& schedule, History& history) { bench_->run(schedule, history); }

  private:
    std::unique_ptr<WaitListBench<StuckPlatform>> bench_ =
        std::make_unique<WaitListBench<StuckPlatform>>();
};

using WaitListHangDeathTest = HangDeathTest;

TEST_F(WaitListHangDeathTest, shows_the_call_the_ring_and_the_list) {
    WaitListStepSchedule schedule{};
    schedule.release_capacity = 4;
    WaitListOperation operation{};
    operation.task = 3;
    operation.count = 2;
    for (const WaitListCall call : {WaitListCall::push_registration, WaitListCall::poll}) {
        operation.call = call;
        schedule.operations.push_back(operation);
    }
    EXPECT_DEATH(run_watched<StuckRunner>(schedule),
                 "FINDING some_target: hang: the input still runs after 1 s\n"
                 "  operation 1 of 2: poll.*\n"
                 "  ring of 4096 slots: head 2, tail 2, tail that producers saw 0\n"
                 ".*a call does not return");
}

}  // namespace
}  // namespace fuzz::test
