// Target: the wait list with its mailbox on one thread, one call at a time, against a model; both
// platforms.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/wait_list/wait_list_step_oracle.h"
#include "fuzz/wait_list/wait_list_step_runner.h"

FUZZ_TARGET(wait_list_step, fuzz::WaitListStepRunner, fuzz::wait_list_step_states)
