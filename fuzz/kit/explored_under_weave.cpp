// The scenario under weave; see the header.
#include <weave/weave.h>

#include "fuzz/kit/explored.h"
#include "fuzz/kit/report.h"

void fuzz::run_explored(const char* target, Bytes schedule, uint64_t steps_min,
                        const std::function<void()>& scenario) {
    weave::Options options;
    options.mode = weave::Mode::bytes;
    options.bytes = schedule.data();
    options.bytes_size = schedule.size();
    options.is_quiet = true;
    const weave::Result result = weave::explore(options, scenario);
    // Reaching a limit is a finding too: a scenario must end for any bytes.
    if (result.verdict != weave::Verdict::ok) {
        report(target,
               {weave::name_of(result.verdict), result.finding.what, result.finding.report});
    }
    if (result.steps < steps_min) {
        report(target, {weave::name_of(weave::Verdict::unsupported),
                        std::to_string(result.steps) + " steps instead of at least " +
                            std::to_string(steps_min) + ": is all of its code instrumented?",
                        ""});
    }
}
