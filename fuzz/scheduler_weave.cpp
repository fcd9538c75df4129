// Target: the scheduler under weave. The input says which task graph runs on which scheduler, which
// thread runs at every atomic operation, and what every load returns.
#include "fuzz/kit/explored.h"
#include "fuzz/scheduler/scheduler_weave_oracle.h"
#include "fuzz/scheduler/scheduler_weave_scenario.h"

FUZZ_TARGET_EXPLORED(scheduler_weave, fuzz::SchedulerWeaveScenario, fuzz::scheduler_weave_states)
