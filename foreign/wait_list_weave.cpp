// Target: the wait list of another tree with its threads, under weave.
#include "foreign/explored.h"
#include "foreign/wait_list_weave_scenario.h"

namespace foreign {
namespace {

using ExploredWaitList = Explored<WaitListScenario, WaitListMeetings>;

}  // namespace
}  // namespace foreign

FUZZ_TARGET_EXPLORED(wait_list_weave, foreign::ExploredWaitList, foreign::ExploredWaitList::states)
