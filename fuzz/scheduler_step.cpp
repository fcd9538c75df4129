// Target: the scheduler on one thread, one action of a core, an runner or a scheduler thread at a
// time, against a model; both platforms.
#include "fuzz/scheduler/scheduler_step_runner.h"
#include "fuzz/scheduler/scheduler_step_oracle.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(scheduler_step, fuzz::SchedulerStepSchedule, fuzz::scheduler_states) {
    static fuzz::SchedulerStepRunner runner;
    static fuzz::SchedulerStepSchedule schedule;
    static fuzz::SchedulerStepHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("scheduler_step", *finding);
    }
}
