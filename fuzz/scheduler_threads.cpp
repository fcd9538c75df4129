// Target: the scheduler on real threads, with small graphs on the simulated platforms.
// ThreadSanitizer judges the memory orders.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/scheduler/scheduler_threads_oracle.h"
#include "fuzz/scheduler/scheduler_threads_runner.h"

FUZZ_TARGET(scheduler_threads, fuzz::SchedulerThreadsRunner, fuzz::scheduler_threads_states)
