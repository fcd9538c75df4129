// Target: the mailbox on one thread, one whole call at a time, against a sequential model.
#include "fuzz/mailbox/mailbox_step_runner.h"
#include "fuzz/mailbox/mailbox_step_oracle.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(mailbox_step, fuzz::MailboxStepSchedule, fuzz::mailbox_states) {
    static fuzz::MailboxStepRunner runner;
    static fuzz::MailboxStepSchedule schedule;
    static fuzz::MailboxStepHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("mailbox_step", *finding);
    }
}
