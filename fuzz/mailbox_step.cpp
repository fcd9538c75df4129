// Target: the mailbox on one thread, one whole call at a time, against a sequential model.
#include "fuzz/engine/mailbox_step_engine.h"
#include "fuzz/oracle/mailbox_oracle.h"
#include "fuzz/scenario/mailbox_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(mailbox_step, fuzz::MailboxSchedule, fuzz::mailbox_states) {
    static fuzz::MailboxStepEngine engine;
    static fuzz::MailboxSchedule schedule;
    static fuzz::MailboxHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("mailbox_step", *finding);
    }
}
