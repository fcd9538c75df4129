// Target: the mailbox on real threads; conservation, order and the bounds on "full" and "empty".
// ThreadSanitizer judges the memory orders.
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/mailbox/mailbox_threads_oracle.h"
#include "fuzz/mailbox/mailbox_threads_runner.h"

FUZZ_TARGET(mailbox_threads, fuzz::MailboxThreadsRunner, fuzz::mailbox_threads_states)
