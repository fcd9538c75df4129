// Target: the scheduler on real threads, with small graphs on the simulated platforms.
// ThreadSanitizer judges the memory orders.
#include "fuzz/scheduler/scheduler_threads_runner.h"
#include "fuzz/scheduler/scheduler_threads_oracle.h"
#include "fuzz/scheduler/scheduler_threads_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(scheduler_threads, fuzz::SchedulerThreadsSchedule, fuzz::scheduler_threads_states) {
    static fuzz::SchedulerThreadsRunner runner;
    static fuzz::SchedulerThreadsSchedule schedule;
    static fuzz::SchedulerThreadsHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("scheduler_threads", *finding);
    }
}
