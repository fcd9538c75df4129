// Target: the wait list of another tree with its threads, under weave.
#include "foreign/wait_list_weave_scenario.h"
#include "fuzz/kit/explored.h"

FUZZ_TARGET_EXPLORED(wait_list_weave, foreign::WaitListScenario, foreign::WaitListMeetings)
