// Target: the scheduler on real threads, with small graphs on the simulated platforms.
// ThreadSanitizer judges the memory orders.
#include "fuzz/engine/scheduler_threads_engine.h"
#include "fuzz/oracle/graph_oracle.h"
#include "fuzz/scenario/graph_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(scheduler_threads, fuzz::GraphSchedule, fuzz::graph_states) {
    static fuzz::SchedulerThreadsEngine engine;
    static fuzz::GraphSchedule schedule;
    static fuzz::GraphHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("scheduler_threads", *finding);
    }
}
