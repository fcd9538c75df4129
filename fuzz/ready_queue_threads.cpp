// Target: the ready queue on real threads; conservation, order and the bounds on "full", "empty"
// and size(). ThreadSanitizer judges the memory orders.
#include "fuzz/engine/ready_queue_threads_engine.h"
#include "fuzz/oracle/ready_queue_threads_oracle.h"
#include "fuzz/scenario/ready_queue_threads_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(ready_queue_threads, fuzz::ReadyQueueThreadsSchedule,
            fuzz::ready_queue_threads_states) {
    static fuzz::ReadyQueueThreadsEngine engine;
    static fuzz::ReadyQueueThreadsSchedule schedule;
    static fuzz::ReadyQueueThreadsHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("ready_queue_threads", *finding);
    }
}
