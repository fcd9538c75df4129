// Findings on standard error; see the header.
#include "fuzz/kit/report.h"

#include <cstdio>
#include <cstdlib>

namespace fuzz {
namespace {

const char* current_input = nullptr;
const char* replay_options = "";

}  // namespace

void Finding::add_calls(const std::vector<ReportedCall>& more) {
    for (const ReportedCall& call : more) {
        details += "  " + call.line + "\n";
        calls.push_back(call);
    }
}

void set_replay_options(const char* options) { replay_options = options; }

void set_current_input(const char* path) { current_input = path; }

void print_reproducer() {
    if (current_input != nullptr) {
        std::fprintf(stderr, "input: %s\nreproduce: ./mailproof replay %s%s\n", current_input,
                     replay_options, current_input);
    }
}

void report(const char* target, const Finding& finding) {
    std::fprintf(stderr, "FINDING %s: %s: %s\n%s", target, finding.verdict.c_str(),
                 finding.sentence.c_str(), finding.details.c_str());
    print_reproducer();
    std::fflush(stderr);
    std::abort();
}

}  // namespace fuzz
