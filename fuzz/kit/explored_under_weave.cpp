// The scenario under weave; see the header.
#include <weave/weave.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/kit/explored.h"

namespace fuzz {
namespace {

// About a second.
constexpr uint64_t recalled_executions = 5'000;

/// The value of an environment variable; empty if it is not set.
std::string value_of(const char* variable) {
    const char* const value = std::getenv(variable);
    return value == nullptr ? "" : value;
}

/// What a replay asks for.
struct Asked {
    /// WEAVE_EXPLAIN: "1", or "all" for all events.
    weave::Explain explain;
    /// The operations of the input's failing execution in an earlier build: the content of the
    /// file that WEAVE_RECALL names. Empty without one.
    std::string recall;
};

/// Read once: a fuzzer runs this for every input.
const Asked& asked() {
    static const Asked asked = [] {
        const std::string word = value_of("WEAVE_EXPLAIN");
        std::ifstream file(value_of("WEAVE_RECALL"));
        return Asked{word == "1"     ? weave::Explain::finding
                     : word == "all" ? weave::Explain::all_events
                                     : weave::Explain::nothing,
                     {std::istreambuf_iterator<char>(file), {}}};
    }();
    return asked;
}

/// Writes a text to the file that a replay names in a variable.
void write_to(const char* variable, const std::string& text) {
    const std::string path = value_of(variable);
    if (!path.empty()) {
        std::ofstream(path) << text;
    }
}

weave::Options options_of(const Exploration& exploration) {
    weave::Options options;
    options.mode = weave::Mode::bytes;
    options.memory = exploration.is_sc ? weave::Memory::sc : weave::Memory::c20;
    options.bytes = exploration.schedule.data();
    options.bytes_size = exploration.schedule.size();
    options.is_quiet = true;
    // So that no choice is about the memory of the scenario itself.
    options.reuses_memory = false;
    return options;
}

weave::Result explore_with(const weave::Options& options, const Exploration& exploration,
                           const std::function<void()>& body) {
    return weave::explore(options, [&] {
        restart_moments(exploration.is_sc);
        body();
    });
}

/// Reports what the oracle found, with the timeline of the same execution, which ends in a failure
/// this time.
[[noreturn]] void report_judged(const char* target, const Exploration& exploration,
                                const Finding& finding) {
    const weave::Result failed = explore_with(options_of(exploration), exploration, [&] {
        exploration.body();
        std::abort();
    });
    report(target,
           {finding.verdict, finding.sentence, finding.details + "\n" + failed.finding.report});
}

/// Reaching a limit is a finding too: a scenario must end for any bytes.
void report_if_found(const char* target, const weave::Result& result) {
    if (result.verdict != weave::Verdict::ok) {
        write_to("WEAVE_EXPLANATION", result.finding.explanation);
        write_to("WEAVE_OPERATIONS", result.finding.operations);
        report(target,
               {weave::name_of(result.verdict), result.finding.what, result.finding.report});
    }
}

}  // namespace

void run_explored(const char* target, const Exploration& exploration) {
    weave::Options options = options_of(exploration);
    options.explain = asked().explain;
    const weave::Result result = explore_with(options, exploration, exploration.body);
    report_if_found(target, result);
    if (const std::optional<Finding> finding = exploration.judge()) {
        report_judged(target, exploration, *finding);
    }
    if (!asked().recall.empty()) {
        options.recall = asked().recall;
        options.executions = recalled_executions;
        report_if_found(target, explore_with(options, exploration, exploration.body));
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
