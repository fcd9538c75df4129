// What the programs of the simulated platforms share: their options, and how they end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/machine.h"
#include "sim/programs/options.h"
#include "src/a2a3/scheduler.h"
#include "src/a5/scheduler.h"
#include "src/platforms.h"

namespace pto::programs {

/// More threads or clusters than this are a typing error.
inline constexpr uint32_t threads_max = 64;
inline constexpr uint32_t clusters_max = 64;

/// The command line, or a file that it names, is not what the program can work with.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Adds --platform: a platform's name with `sim` after it. `index` is its place in Platforms.
inline void add_platform(CLI::App& app, size_t& index) {
    std::vector<std::pair<std::string, size_t>> words;
    for (size_t i = 0; i < platform_count; ++i) {
        words.emplace_back(std::string(platform_names[i]) + "sim", i);
    }
    add_word(app, "--platform", index, words, "The simulated platform");
}

inline void add_time(CLI::App& app, sim::TimeMode& mode) {
    add_word(app, "--time", mode,
             {{"real", sim::TimeMode::REAL}, {"virtual", sim::TimeMode::VIRTUAL}},
             "Virtual time takes no time to wait");
}

template <class Number>
void add_threads(CLI::App& app, Number& threads) {
    add_number(app, "--threads", threads, 1, threads_max, "Scheduler threads of each rank");
}

/// A program's main(): lets `add_options(CLI::App&)` say what the command line takes, reads it,
/// then calls `run() -> int` for the exit status.
template <class AddOptions, class Run>
int run_program(const char* name, const char* description, int count, char** words,
                AddOptions&& add_options, Run&& run) {
    try {
        CLI::App app(description, name);
        add_options(app);
        const std::optional<int> status = read_options(app, count, words);
        return status ? *status : run();
    } catch (const UsageError& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return exit_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name, error.what());
        return exit_bad_run;
    }
}

}  // namespace pto::programs
