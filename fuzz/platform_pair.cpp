// Target: the same schedule on all platforms, compared event by event; the model judges the last.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/scheduler/scheduler_step_oracle.h"
#include "fuzz/scheduler/scheduler_step_runner.h"

FUZZ_TARGET(platform_pair, fuzz::PlatformPairRunner, fuzz::scheduler_step_states)
