// Target: the wait list and its mailbox under weave. The input says what the threads that handle
// FINs leave and what the engine does, which thread runs at every atomic operation, and what every
// load returns.
#include "fuzz/kit/explored.h"
#include "fuzz/wait_list/wait_list_weave_oracle.h"
#include "fuzz/wait_list/wait_list_weave_scenario.h"

FUZZ_TARGET_EXPLORED(wait_list_weave, fuzz::WaitListWeaveScenario, fuzz::wait_list_weave_states)
