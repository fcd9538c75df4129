// Two processes for a whole program: a child explores it, and its parent sees to it that the last
// line is always printed: when the program ends the process, when weave itself fails, when the time
// is over while an execution hangs, and when the user interrupts the search.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace weave {

/// What both processes see.
struct Progress {
    std::atomic<uint64_t> executions;
    std::atomic<bool> is_finished;  ///< the child has printed the last line
    std::atomic<bool> has_failed;   ///< a check of weave's own has failed
};

// Exit statuses of a whole program; weave/README.md lists them.
inline constexpr int exit_usage = 2;
inline constexpr int exit_wrong_schedule = 64;
inline constexpr int exit_undecided = 65;
inline constexpr int exit_finding = 66;
inline constexpr int exit_unrepeatable = 67;
inline constexpr int exit_bypassed = 68;
inline constexpr int exit_process_ended = 69;
inline constexpr int exit_internal_error = 70;

/// Starts the child, in which alone it returns. `seconds` bounds its time by the wall clock; 0: no
/// bound. The parent exits as the child does.
Progress& supervise(double seconds);

/// Says that the child ends the process in its own words.
void finish();

/// The signal that asked the child to stop, or 0.
int stop_signal();

/// Prints the last line.
void print_last_line(const char* verdict, uint64_t executions, bool is_complete, double seconds,
                     const std::string& found = "");

}  // namespace weave
