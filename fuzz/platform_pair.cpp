// Target: the same schedule on a2a3 and on a5, compared event by event; the model judges both.
#include "fuzz/scheduler/scheduler_step_runner.h"
#include "fuzz/scheduler/scheduler_step_oracle.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(platform_pair, fuzz::PlatformPairSchedule, fuzz::scheduler_states) {
    static fuzz::SchedulerStepRunner runner;
    static fuzz::PlatformPairSchedule schedule;
    static fuzz::SchedulerStepHistory a2a3;
    static fuzz::SchedulerStepHistory a5;

    schedule.decode(input);
    runner.run(schedule, a2a3);
    schedule.is_a5 = true;
    runner.run(schedule, a5);
    if (const auto finding = fuzz::compare(schedule, a2a3, a5)) {
        fuzz::report("platform_pair", *finding);
    }
    if (const auto finding = fuzz::judge(schedule, a5)) {
        fuzz::report("platform_pair", *finding);
    }
}
