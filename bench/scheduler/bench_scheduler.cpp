// bench_scheduler: the scheduler next to the one that it replaced, in which every FIN takes the
// wait list's lock.
//
//   bench_scheduler [--round=N] [--only=CASE] [--pairs=N] [--tasks=N]
//
// Writes one round as JSON: for each case the figures of both, pair by pair, and what was wrong.
#include "bench/scheduler/cases.h"
#include "bench/scheduler/register_deferred_completion.h"

int main(int argc, char** argv) {
    return bench::run_all<pto::SchedulerCompletion<bench::Platform>,
                          bench::RegisterDeferredCompletion<bench::Platform>>(argc, argv);
}
