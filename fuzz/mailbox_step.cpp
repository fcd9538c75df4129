// Target: the mailbox on one thread, one whole call at a time, against a sequential model.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/mailbox/mailbox_step_oracle.h"
#include "fuzz/mailbox/mailbox_step_runner.h"

FUZZ_TARGET(mailbox_step, fuzz::MailboxStepRunner, fuzz::mailbox_step_states)
