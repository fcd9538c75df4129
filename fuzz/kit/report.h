// The report of a finding: one screen on standard error, then abort().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fuzz {

/// A call that a finding is about, as its details show it: a line, and the moments at which it
/// began and ended (moments.h), 0 if it has none.
struct ReportedCall {
    std::string line;
    uint64_t begin = 0;
    uint64_t end = 0;
};

/// What an oracle found. `verdict` is one word of the target's closed list, `sentence` says what
/// happened, `details` shows the state and then the operations up to there, a line each.
struct Finding {
    std::string verdict;
    std::string sentence;
    std::string details;
    std::vector<ReportedCall> calls = {};  ///< those of the details, for an explanation

    /// Adds calls to the details, a line each.
    void add_calls(const std::vector<ReportedCall>& more);
};

/// Names the input that runs now, for the reports; null when a fuzzer runs inputs from memory.
void set_current_input(const char* path);

/// Words for the command that runs the input again; not owned.
void set_replay_options(const char* options);

/// Prints the finding and aborts, so that any fuzzer keeps the input.
[[noreturn]] void report(const char* target, const Finding& finding);

/// Prints which file was running and how to run it again; nothing without a current input. For
/// reports that the sanitizers write.
void print_reproducer();

}  // namespace fuzz
