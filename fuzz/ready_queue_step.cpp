// Target: the ready queue on one thread, whole calls and the steps of calls that stopped in the
// middle, against a sequential model.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/ready_queue/ready_queue_step_oracle.h"
#include "fuzz/ready_queue/ready_queue_step_runner.h"

FUZZ_TARGET(ready_queue_step, fuzz::ReadyQueueStepRunner, fuzz::ready_queue_step_states)
