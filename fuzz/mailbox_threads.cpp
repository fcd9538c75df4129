// Target: the mailbox on real threads; conservation, order and the bounds on "full" and "empty".
// ThreadSanitizer judges the memory orders.
#include "fuzz/engine/mailbox_threads_engine.h"
#include "fuzz/oracle/threads_oracle.h"
#include "fuzz/scenario/threads_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(mailbox_threads, fuzz::ThreadsSchedule, fuzz::threads_states) {
    static fuzz::MailboxThreadsEngine engine;
    static fuzz::ThreadsSchedule schedule;
    static fuzz::ThreadsHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("mailbox_threads", *finding);
    }
}
