// Target: the same schedule on a2a3 and on a5, compared event by event; the model judges both.
#include "fuzz/engine/scheduler_step_engine.h"
#include "fuzz/oracle/scheduler_oracle.h"
#include "fuzz/scenario/scheduler_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(platform_pair, fuzz::PlatformPairSchedule, fuzz::scheduler_states) {
    static fuzz::SchedulerStepEngine engine;
    static fuzz::PlatformPairSchedule schedule;
    static fuzz::SchedulerHistory a2a3;
    static fuzz::SchedulerHistory a5;

    schedule.decode(input);
    engine.run(schedule, a2a3);
    schedule.is_a5 = true;
    engine.run(schedule, a5);
    if (const auto finding = fuzz::compare(schedule, a2a3, a5)) {
        fuzz::report("platform_pair", *finding);
    }
    if (const auto finding = fuzz::judge(schedule, a5)) {
        fuzz::report("platform_pair", *finding);
    }
}
