// The report of a finding: one screen on standard error, then abort().
#pragma once

#include <string>

namespace fuzz {

/// What an oracle found. `verdict` is one word of the target's closed list, `sentence` says what
/// happened, `details` shows the state and then the operations up to there, a line each.
struct Finding {
    std::string verdict;
    std::string sentence;
    std::string details;
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
