// The scenario under weave; see the header.
#include <weave/weave.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "fuzz/kit/explored.h"

namespace fuzz {
namespace {

constexpr int exit_usage = 2;
// About a second.
constexpr uint64_t recalled_executions = 5'000;

/// The value of an environment variable; empty if it is not set.
std::string value_of(const char* variable) {
    const char* const value = std::getenv(variable);
    return value == nullptr ? "" : value;
}

// libFuzzer clears these before each input, and takes each that is not 0 for a feature of it.
constexpr size_t pair_counters = 4096;
__attribute__((section("__libfuzzer_extra_counters"))) uint8_t pairs[pair_counters];

/// What is asked for by the environment.
struct Asked {
    /// WEAVE_EXPLAIN: "1", or "all" for all events.
    weave::Explain explain;
    /// The operations of the input's failing execution in an earlier build: the content of the
    /// file that WEAVE_RECALL names. Empty without one.
    std::string recall;
    /// WEAVE_SEARCH: mode=MODE:seed=N:executions=N. Explores the input's scenario like that, in
    /// place of the choices of the input.
    std::string search;
    /// FUZZ_READ_PAIRS is not 0: which stores are read is a feature.
    bool counts_pairs;
};

/// Read once: a fuzzer runs this for every input.
const Asked& asked() {
    static const Asked asked = [] {
        const std::string word = value_of("WEAVE_EXPLAIN");
        std::ifstream file(value_of("WEAVE_RECALL"));
        return Asked{word == "1"     ? weave::Explain::finding
                     : word == "all" ? weave::Explain::all_events
                                     : weave::Explain::nothing,
                     {std::istreambuf_iterator<char>(file), {}},
                     value_of("WEAVE_SEARCH"),
                     value_of("FUZZ_READ_PAIRS") != "0"};
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
    for (const Wish& wish : exploration.wishes) {
        options.wishes.push_back({wish.thread, wish.read, wish.writer, wish.store});
    }
    options.is_quiet = true;
    // So that no choice is about the memory of the scenario itself.
    options.reuses_memory = false;
    if (asked().counts_pairs) {
        options.read_pairs = pairs;
        options.read_pairs_size = pair_counters;
    }
    return options;
}

[[noreturn]] void refuse_search(const std::string& word) {
    std::fprintf(stderr, "WEAVE_SEARCH: '%s' is not mode=MODE, seed=N or executions=N\n",
                 word.c_str());
    std::exit(exit_usage);
}

/// The mode of that name; those that need no more than a seed.
weave::Mode mode_of(const std::string& name, const std::string& word) {
    for (const weave::Mode mode :
         {weave::Mode::mix, weave::Mode::random, weave::Mode::pct, weave::Mode::starve,
          weave::Mode::pos, weave::Mode::surw, weave::Mode::delay, weave::Mode::pctwm}) {
        if (name == weave::name_of(mode)) {
            return mode;
        }
    }
    refuse_search(word);
}

/// Makes the options those of a search.
void set_search(weave::Options& options, const std::string& text) {
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ':');) {
        const size_t equals = std::min(word.find('='), word.size());
        const std::string name = word.substr(0, equals);
        const std::string value = word.substr(std::min(equals + 1, word.size()));
        const uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
        if (name == "mode") {
            options.mode = mode_of(value, word);
        } else if (name == "seed" && number != 0) {
            options.seed = number;
        } else if (name == "executions" && number != 0) {
            options.executions = number;
        } else {
            refuse_search(word);
        }
    }
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
        std::optional<Finding> found = exploration_.judge();
        if (!found) {
            return {};
        }
        finding_ = *std::move(found);
        weave::Judgement judgement{finding_.verdict, finding_.sentence, {}};
        for (const ReportedCall& call : finding_.calls) {
            judgement.parts.push_back({call.begin, call.end});
        }
        return judgement;
    }
    const Finding& finding() const { return finding_; }

  private:
    const Exploration& exploration_;
    Finding finding_;
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
    if (!asked().search.empty()) {
        set_search(options, asked().search);
    }
    const weave::Result result = explore_with(options, exploration);
    if (!asked().search.empty()) {
        std::fprintf(stderr, "%s: %s executions=%llu\n", target, weave::name_of(result.verdict),
                     static_cast<unsigned long long>(result.executions));
    }
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

std::optional<Wish> propose_wish(const Exploration& exploration, Random& random) {
    weave::Options options = options_of(exploration);
    options.before = exploration.prepare;
    // A finding does not count: libFuzzer runs each input too.
    options.read_pairs_size = 0;
    std::vector<weave::SeenAccess> accesses;
    options.accesses = &accesses;
    explore_with(options, exploration);
    static WishDrawer drawer;
    return drawer.draw(accesses, random);
}

void mark_point(uint64_t number, bool is_ordered) noexcept { weave::mark(number, is_ordered); }

uint32_t read_moment_clock(uint32_t* known) noexcept {
    return weave::read_clock(known, moment_threads_max);
}

}  // namespace fuzz
