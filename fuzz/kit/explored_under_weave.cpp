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

weave::Result explore_with(const weave::Options& options, const Exploration& exploration) {
    return weave::explore(options, [&] {
        restart_moments(exploration.is_sc);
        exploration.body();
    });
}

/// The scenario's oracle as a judge of weave's, which keeps what it has found last.
class Judge {
  public:
    explicit Judge(const Exploration& exploration) : exploration_(exploration) {}

    weave::Judgement operator()() {
        finding_ = exploration_.judge();
        if (!finding_) {
            return {};
        }
        weave::Judgement judgement{finding_->verdict, finding_->sentence, {}};
        for (const ReportedCall& call : finding_->calls) {
            judgement.parts.push_back({call.begin, call.end});
        }
        return judgement;
    }
    const Finding& finding() const { return *finding_; }

  private:
    const Exploration& exploration_;
    std::optional<Finding> finding_;
};

/// Reaching a limit is a finding too: a scenario must end for any bytes.
void report_if_found(const char* target, const weave::Result& result, const Judge& judge) {
    if (result.verdict == weave::Verdict::ok) {
        return;
    }
    write_to("WEAVE_EXPLANATION", result.finding.explanation);
    write_to("WEAVE_OPERATIONS", result.finding.operations);
    if (result.verdict != weave::Verdict::judged) {
        report(target,
               {weave::name_of(result.verdict), result.finding.what, result.finding.report});
    }
    const Finding& finding = judge.finding();
    report(target, {finding.verdict, finding.sentence, finding.details + result.finding.report});
}

}  // namespace

void run_explored(const char* target, const Exploration& exploration) {
    Judge judge(exploration);
    weave::Options options = options_of(exploration);
    options.explain = asked().explain;
    options.before = exploration.prepare;
    options.judge = std::ref(judge);
    options.mark_text = exploration.point_text;
    const weave::Result result = explore_with(options, exploration);
    report_if_found(target, result, judge);
    if (!asked().recall.empty()) {
        options.recall = asked().recall;
        options.executions = recalled_executions;
        report_if_found(target, explore_with(options, exploration), judge);
    }
    if (result.steps < exploration.steps_min) {
        report(target,
               {weave::name_of(weave::Verdict::unsupported),
                std::to_string(result.steps) + " steps instead of at least " +
                    std::to_string(exploration.steps_min) + ": is all of its code instrumented?",
                ""});
    }
}

void mark_point(uint64_t number, bool is_ordered) noexcept { weave::mark(number, is_ordered); }

uint32_t read_moment_clock(uint32_t* known) noexcept {
    return weave::read_clock(known, moment_threads_max);
}

}  // namespace fuzz
