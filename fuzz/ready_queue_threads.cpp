// Target: the ready queue on real threads; conservation, order and the bounds on "full", "empty"
// and size(). ThreadSanitizer judges the memory orders.
#include "fuzz/ready_queue/ready_queue_threads_runner.h"
#include "fuzz/ready_queue/ready_queue_threads_oracle.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(ready_queue_threads, fuzz::ReadyQueueThreadsSchedule,
            fuzz::ready_queue_threads_states) {
    static fuzz::ReadyQueueThreadsRunner runner;
    static fuzz::ReadyQueueThreadsSchedule schedule;
    static fuzz::ReadyQueueThreadsHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("ready_queue_threads", *finding);
    }
}
