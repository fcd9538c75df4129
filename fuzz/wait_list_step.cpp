// Target: the wait list with its mailbox on one thread, one call at a time, against a model; both
// platforms.
#include "fuzz/engine/wait_list_step_engine.h"
#include "fuzz/oracle/wait_list_model.h"
#include "fuzz/oracle/wait_list_oracle.h"
#include "fuzz/scenario/wait_list_schedule.h"
#include "fuzz/support/fuzz_target.h"
#include "fuzz/support/report.h"

FUZZ_TARGET(wait_list_step, fuzz::WaitListSchedule, fuzz::wait_list_states) {
    static fuzz::WaitListStepEngine engine;
    static fuzz::WaitListSchedule schedule;
    static fuzz::WaitListHistory history;

    schedule.decode(input);
    engine.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("wait_list_step", *finding);
    }
}
