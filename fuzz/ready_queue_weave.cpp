// Target: the ready queue under weave. The input says which thread makes which calls, which thread
// runs at every atomic operation, and what every load returns.
#include "fuzz/kit/explored.h"
#include "fuzz/ready_queue/ready_queue_weave_oracle.h"
#include "fuzz/ready_queue/ready_queue_weave_scenario.h"

FUZZ_TARGET_EXPLORED(ready_queue_weave, fuzz::ReadyQueueWeaveScenario,
                     fuzz::ready_queue_weave_states)
