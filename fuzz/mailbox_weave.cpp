// Target: the mailbox under weave. The input says which thread makes which calls, which thread runs
// at every atomic operation, and what every load returns.
#include "fuzz/kit/explored.h"
#include "fuzz/mailbox/mailbox_weave_oracle.h"
#include "fuzz/mailbox/mailbox_weave_scenario.h"

FUZZ_TARGET_EXPLORED(mailbox_weave, fuzz::MailboxWeaveScenario, fuzz::mailbox_weave_states)
