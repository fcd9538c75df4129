// Target: the ready queue on one thread, whole calls and the steps of calls that stand still in the
// middle, against a sequential model.
#include "fuzz/engine/ready_queue_step_engine.h"
#include "fuzz/oracle/ready_queue_oracle.h"
#include "fuzz/scenario/ready_queue_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(ready_queue_step, fuzz::ReadyQueueSchedule, fuzz::ready_queue_states) {
    static fuzz::ReadyQueueStepEngine engine;
    static fuzz::ReadyQueueSchedule schedule;
    static fuzz::ReadyQueueHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("ready_queue_step", *finding);
    }
}
