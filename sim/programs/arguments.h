// Command lines of the programs: options in any order, each a word, most of them followed by a
// value.
#pragma once

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "src/a2a3/scheduler.h"
#include "src/a5/scheduler.h"
#include "sim/machine.h"

namespace pto::programs {

/// What programs exit with.
inline constexpr int exit_good = 0;
inline constexpr int exit_bad_run = 1;
inline constexpr int exit_usage = 2;

/// More threads or clusters than this are a slip of the finger.
inline constexpr uint32_t threads_max = 64;
inline constexpr uint32_t clusters_max = 64;

/// The command line, or a file that it names, is not what the program can work with.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class SimulatedPlatform : uint8_t { A2A3SIM, A5SIM };

/// The words of a command line, one after the other.
class Arguments {
  public:
    Arguments(int count, char** words) : count_(count), words_(words) {}

    /// The next word, if there is one.
    std::optional<std::string_view> next() {
        return next_ < count_ ? std::optional<std::string_view>(words_[next_++]) : std::nullopt;
    }

    /// The word behind an option, which has to be there.
    std::string_view value_of(std::string_view option) {
        const std::optional<std::string_view> value = next();
        if (!value) {
            throw UsageError(std::string(option) + " needs a value");
        }
        return *value;
    }

    /// The same, as a number in a range.
    uint64_t number_of(std::string_view option, uint64_t min, uint64_t max) {
        const std::string_view value = value_of(option);
        uint64_t number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size() || number < min ||
            number > max) {
            throw UsageError(std::string(option) + " takes a number from " + std::to_string(min) +
                             " to " + std::to_string(max) + ", not '" + std::string(value) + "'");
        }
        return number;
    }

    uint32_t threads_of(std::string_view option) {
        return static_cast<uint32_t>(number_of(option, 1, threads_max));
    }

    SimulatedPlatform platform_of(std::string_view option) {
        const std::string_view value = value_of(option);
        if (value == "a2a3sim") {
            return SimulatedPlatform::A2A3SIM;
        }
        if (value == "a5sim") {
            return SimulatedPlatform::A5SIM;
        }
        throw UsageError(std::string(option) + " is a2a3sim or a5sim, not '" + std::string(value) +
                         "'");
    }

    sim::TimeMode time_of(std::string_view option) {
        const std::string_view value = value_of(option);
        if (value == "real") {
            return sim::TimeMode::REAL;
        }
        if (value == "virtual") {
            return sim::TimeMode::VIRTUAL;
        }
        throw UsageError(std::string(option) + " is real or virtual, not '" + std::string(value) +
                         "'");
    }

  private:
    const int count_;
    char** const words_;
    int next_ = 1;
};

/// Calls `run.template operator()<Platform>()` for the platform that a program was asked for.
template <class Run>
int on_platform(SimulatedPlatform platform, Run&& run) {
    return platform == SimulatedPlatform::A2A3SIM ? run.template operator()<a2a3::Platform>()
                                                  : run.template operator()<a5::Platform>();
}

/// A program's main(): `run` gets its arguments; `usage` is what --help prints.
template <class Run>
int run_program(const char* name, const char* usage, int count, char** words, Run&& run) {
    for (int i = 1; i < count; ++i) {
        if (std::string_view(words[i]) == "--help") {
            std::cout << usage;
            return exit_good;
        }
    }
    try {
        return run(Arguments(count, words));
    } catch (const UsageError& error) {
        std::cerr << name << ": " << error.what() << '\n';
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << name << ": " << error.what() << '\n';
        return exit_bad_run;
    }
}

}  // namespace pto::programs
