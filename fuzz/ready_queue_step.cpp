// Target: the ready queue on one thread, whole calls and the steps of calls that stand still in the
// middle, against a sequential model.
#include "fuzz/ready_queue/ready_queue_step_runner.h"
#include "fuzz/ready_queue/ready_queue_step_oracle.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(ready_queue_step, fuzz::ReadyQueueStepSchedule, fuzz::ready_queue_states) {
    static fuzz::ReadyQueueStepRunner runner;
    static fuzz::ReadyQueueStepSchedule schedule;
    static fuzz::ReadyQueueStepHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("ready_queue_step", *finding);
    }
}
