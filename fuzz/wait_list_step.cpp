// Target: the wait list with its mailbox on one thread, one call at a time, against a model; both
// platforms.
#include "fuzz/wait_list/wait_list_step_runner.h"
#include "fuzz/wait_list/wait_list_model.h"
#include "fuzz/wait_list/wait_list_step_oracle.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

FUZZ_TARGET(wait_list_step, fuzz::WaitListStepSchedule, fuzz::wait_list_states) {
    static fuzz::WaitListStepRunner runner;
    static fuzz::WaitListStepSchedule schedule;
    static fuzz::WaitListStepHistory history;

    schedule.decode(input);
    runner.run(schedule, history);
    if (const auto finding = fuzz::judge(schedule, history)) {
        fuzz::report("wait_list_step", *finding);
    }
}
