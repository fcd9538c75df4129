// The scenario under weave; see the header.
#include <weave/weave.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "fuzz/kit/explored.h"

namespace fuzz {
namespace {

/// What a replay asks for in the variable WEAVE_EXPLAIN: "1", or "all" for all events.
weave::Explain asked_explanation() {
    const char* const asked = std::getenv("WEAVE_EXPLAIN");
    const std::string word = asked == nullptr ? "" : asked;
    return word == "1"     ? weave::Explain::finding
           : word == "all" ? weave::Explain::all_events
                           : weave::Explain::nothing;
}

/// Writes the explanation to the file that a replay names in WEAVE_EXPLANATION.
void write_explanation(const weave::Finding& finding) {
    const char* const path = std::getenv("WEAVE_EXPLANATION");
    if (path != nullptr) {
        std::ofstream(path) << finding.explanation;
    }
}

weave::Options options_of(const Exploration& exploration) {
    weave::Options options;
    options.mode = weave::Mode::bytes;
    options.memory = exploration.is_sc ? weave::Memory::sc : weave::Memory::c20;
    options.bytes = exploration.schedule.data();
    options.bytes_size = exploration.schedule.size();
    options.is_quiet = true;
    options.explain = asked_explanation();
    // So that no choice is about the memory of the scenario itself.
    options.reuses_memory = false;
    return options;
}

weave::Result explore_once(const Exploration& exploration, const std::function<void()>& body) {
    return weave::explore(options_of(exploration), [&] {
        restart_moments(exploration.is_sc);
        body();
    });
}

/// Reports what the oracle found, with the timeline of the same execution, which ends in a failure
/// this time.
[[noreturn]] void report_judged(const char* target, const Exploration& exploration,
                                const Finding& finding) {
    const weave::Result failed = explore_once(exploration, [&] {
        exploration.body();
        std::abort();
    });
    report(target,
           {finding.verdict, finding.sentence, finding.details + "\n" + failed.finding.report});
}

}  // namespace

void run_explored(const char* target, const Exploration& exploration) {
    const weave::Result result = explore_once(exploration, exploration.body);
    // Reaching a limit is a finding too: a scenario must end for any bytes.
    if (result.verdict != weave::Verdict::ok) {
        write_explanation(result.finding);
        report(target,
               {weave::name_of(result.verdict), result.finding.what, result.finding.report});
    }
    if (const std::optional<Finding> finding = exploration.judge()) {
        report_judged(target, exploration, *finding);
    }
    if (result.steps < exploration.steps_min) {
        report(target,
               {weave::name_of(weave::Verdict::unsupported),
                std::to_string(result.steps) + " steps instead of at least " +
                    std::to_string(exploration.steps_min) + ": is all of its code instrumented?",
                ""});
    }
}

uint32_t read_moment_clock(uint32_t* known) noexcept {
    return weave::read_clock(known, moment_threads_max);
}

}  // namespace fuzz
