// Target: the scheduler on one thread, one action of a core, an engine or a scheduler thread at a
// time, against a model; both platforms.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/scheduler/scheduler_step_oracle.h"
#include "fuzz/scheduler/scheduler_step_runner.h"

FUZZ_TARGET(scheduler_step, fuzz::SchedulerStepRunner, fuzz::scheduler_step_states)
