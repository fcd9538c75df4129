// Target: the scheduler on one thread, one action of a core, an engine or a scheduler thread at a
// time, against a model; both platforms.
#include "fuzz/engine/scheduler_step_engine.h"
#include "fuzz/oracle/scheduler_oracle.h"
#include "fuzz/scenario/scheduler_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(scheduler_step, fuzz::SchedulerSchedule, fuzz::scheduler_states) {
    static fuzz::SchedulerStepEngine engine;
    static fuzz::SchedulerSchedule schedule;
    static fuzz::SchedulerHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("scheduler_step", *finding);
    }
}
