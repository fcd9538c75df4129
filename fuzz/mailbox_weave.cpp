// Target: the mailbox under weave. The input's header chooses the scenario, the rest is the
// schedule: which thread runs at every atomic operation, and what every load returns.
#include "fuzz/kit/explored.h"
#include "fuzz/mailbox/mailbox_weave_scenario.h"

FUZZ_TARGET_EXPLORED(mailbox_weave, fuzz::MailboxScenario, fuzz::MailboxMeetings)
