// Runs the litmus tests of this executable under weave:
//
//     litmus [NAME...] [--json FILE]    the named tests, or all; 1 if one fails
//     litmus --list                     their names
//
// Each test is explored exhaustively, and at random too if that does not end within 20,000
// executions. It passes if every outcome that was seen is allowed, and every allowed one was seen.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <weave/weave.h>
#include "json.h"
#include "litmus.h"

namespace {

using litmus::Outcome;
using litmus::Outcomes;
using litmus::Test;

constexpr uint64_t exhaustive_executions_max = 20'000;
constexpr uint64_t random_executions_max = 60'000;
// Executions of the random search until it tests again whether every allowed outcome was seen.
constexpr uint64_t random_executions_step = 2'000;

std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

struct Report {
    Outcomes seen;
    uint64_t executions = 0;
    bool is_complete = false;
    std::vector<std::string> problems;
};

bool contains(const Outcomes& outcomes, const Outcome& outcome) {
    return std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end();
}

std::string text_of(const Outcome& outcome) {
    if (outcome == litmus::deadlock) {
        return "deadlock";
    }
    if (outcome == litmus::livelock) {
        return "livelock";
    }
    if (outcome == litmus::data_race) {
        return "data race";
    }
    std::string text;
    for (int i = 0; i < outcome.count; ++i) {
        text += (i == 0 ? "" : " ") + std::to_string(outcome.values[i]);
    }
    return "(" + text + ")";
}

/// The outcome of the last execution. It is not on the heap, whose blocks end with the execution.
Outcome last;

void explore(const Test& test, const weave::Options& options, Report& report) {
    std::string problem;
    const weave::Result result = weave::explore(
        options, [&test] { last = test.body(); },
        [&](weave::Verdict verdict) {
            Outcome outcome = last;
            if (verdict == weave::Verdict::deadlock) {
                outcome = litmus::deadlock;
            } else if (verdict == weave::Verdict::livelock) {
                outcome = litmus::livelock;
            } else if (verdict == weave::Verdict::data_race) {
                outcome = litmus::data_race;
            } else if (verdict != weave::Verdict::ok) {
                problem = weave::name_of(verdict);
                return;
            }
            if (!contains(report.seen, outcome)) {
                report.seen.push_back(outcome);
            }
        });
    report.executions += result.executions;
    report.is_complete |= result.is_complete;
    if (!problem.empty()) {
        report.problems.push_back("an execution ended with " + problem);
    }
}

void judge(const Test& test, Report& report) {
    const Outcomes allowed = test.allowed();
    for (const Outcome& outcome : report.seen) {
        if (contains(test.forbidden(), outcome)) {
            report.problems.push_back("forbidden, but seen: " + text_of(outcome));
        } else if (!contains(allowed, outcome)) {
            report.problems.push_back("not listed, but seen: " + text_of(outcome));
        }
    }
    for (const Outcome& outcome : allowed) {
        if (!contains(report.seen, outcome)) {
            report.problems.push_back("allowed, but not seen: " + text_of(outcome));
        }
    }
}

bool has_seen_all(const Test& test, const Report& report) {
    const Outcomes allowed = test.allowed();
    return std::all_of(allowed.begin(), allowed.end(),
                       [&](const Outcome& outcome) { return contains(report.seen, outcome); });
}

Report run(const Test& test) {
    Report report;
    weave::Options options;
    options.continues = true;
    options.is_quiet = true;
    options.mode = weave::Mode::exhaustive;
    options.executions = exhaustive_executions_max;
    explore(test, options, report);
    options.mode = weave::Mode::random;
    options.executions = random_executions_step;
    const uint64_t limit = report.executions + random_executions_max;
    for (bool is_first = true; !report.is_complete && report.executions < limit &&
                               (is_first || !has_seen_all(test, report));
         is_first = false) {
        options.seed += 1;
        explore(test, options, report);
    }
    judge(test, report);
    return report;
}

void print(const Test& test, const Report& report) {
    std::printf("%-48s %-7s %9" PRIu64 "%s\n", test.name,
                test.skipped != nullptr   ? "skipped"
                : report.problems.empty() ? "passed"
                                          : "FAILED",
                report.executions, report.is_complete ? ", all" : "");
    for (const std::string& problem : report.problems) {
        std::printf("    %s\n", problem.c_str());
    }
    if (test.skipped != nullptr) {
        std::printf("    %s\n", test.skipped);
    }
    std::fflush(stdout);
}

litmus::Row run_and_print(const Test& test) {
    const bool is_skipped = test.skipped != nullptr;
    const Report report = is_skipped ? Report{} : run(test);
    print(test, report);
    return {test.name, is_skipped, report.executions, report.problems};
}

bool is_test(const char* name) {
    const std::vector<Test>& all = litmus::all_tests();
    return std::any_of(all.begin(), all.end(),
                       [&](const Test& test) { return std::strcmp(test.name, name) == 0; });
}

bool write_file(const char* path, const std::string& content) {
    FILE* const file = std::fopen(path, "w");
    if (file == nullptr) {
        std::perror(path);
        return false;
    }
    const bool is_written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
    const bool is_closed = std::fclose(file) == 0;
    if (!is_written || !is_closed) {
        std::fprintf(stderr, "litmus: cannot write %s\n", path);
    }
    return is_written && is_closed;
}

int list() {
    for (const Test& test : litmus::all_tests()) {
        std::puts(test.name);
    }
    return 0;
}

int usage() {
    std::fputs("usage: litmus [NAME...] [--json FILE] [--list]\n", stderr);
    return 2;
}

}  // namespace

litmus::Registration::Registration(const Test& test) { tests().push_back(test); }

const std::vector<Test>& litmus::all_tests() {
    std::sort(tests().begin(), tests().end(),
              [](const Test& a, const Test& b) { return std::strcmp(a.name, b.name) < 0; });
    return tests();
}

int main(int argc, char** argv) {
    std::vector<std::string> names;
    const char* json = nullptr;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--list") == 0) {
            return list();
        }
        if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            json = argv[++i];
        } else if (argv[i][0] == '-') {
            return usage();
        } else if (!is_test(argv[i])) {
            std::fprintf(stderr, "litmus: there is no test '%s'; --list prints all names\n",
                         argv[i]);
            return 2;
        } else {
            names.emplace_back(argv[i]);
        }
    }
    std::vector<litmus::Row> rows;
    for (const Test& test : litmus::all_tests()) {
        if (names.empty() || std::find(names.begin(), names.end(), test.name) != names.end()) {
            rows.push_back(run_and_print(test));
        }
    }
    if (rows.empty()) {
        std::fputs("litmus: this executable has no tests\n", stderr);
        return 2;
    }
    if (json != nullptr && !write_file(json, litmus::json_of(rows))) {
        return 2;
    }
    const auto failed = std::count_if(rows.begin(), rows.end(), [](const litmus::Row& row) {
        return !row.is_skipped && !row.has_passed();
    });
    std::printf("%zu tests, %zu failed\n", rows.size(), static_cast<size_t>(failed));
    return failed == 0 ? 0 : 1;
}
