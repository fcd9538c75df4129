// Target: the mailbox on real threads; conservation, order and the bounds on "full" and "empty".
// ThreadSanitizer judges the memory orders.
#include "fuzz/mailbox/mailbox_threads_runner.h"
#include "fuzz/mailbox/mailbox_threads_oracle.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(mailbox_threads, fuzz::MailboxThreadsSchedule, fuzz::mailbox_threads_states) {
    static fuzz::MailboxThreadsRunner runner;
    static fuzz::MailboxThreadsSchedule schedule;
    static fuzz::MailboxThreadsHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("mailbox_threads", *finding);
    }
}
