// Command lines of the tree's programs, on top of CLI11: numbers with a range, words of a list, and
// errors of one line that name the option, its value and what is allowed.
#pragma once

#include <charconv>
#include <cstdint>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace pto::programs {

/// What programs exit with.
inline constexpr int exit_good = 0;
inline constexpr int exit_bad_run = 1;
inline constexpr int exit_usage = 2;

/// Adds an option that takes a whole decimal number from `min` to `max` and stores it in `value`.
/// The last one of several counts, as for all options here.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& value, uint64_t min,
                        uint64_t max, const std::string& help) {
    const auto read = [name, &value, min, max](const std::string& text) {
        uint64_t number = 0;
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error != std::errc() || end != last || number < min || number > max) {
            throw CLI::ValidationError(name, "'" + text + "' is not a number from " +
                                                 std::to_string(min) + " to " +
                                                 std::to_string(max));
        }
        value = static_cast<Number>(number);
    };
    const bool is_limited = max != std::numeric_limits<uint64_t>::max();
    const std::string range = std::to_string(min) + " to " + std::to_string(max);
    return app
        .add_option_function<std::string>(name, read, is_limited ? help + ", " + range : help)
        ->type_name("N")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// Adds an option that takes a random seed, any 64-bit number.
template <class Number>
CLI::Option* add_seed(CLI::App& app, const std::string& name, Number& value,
                      const std::string& help) {
    return add_number(app, name, value, 0, std::numeric_limits<uint64_t>::max(), help);
}

/// Adds an option that takes one of `words` and stores what stands beside it in `value`.
template <class Value>
CLI::Option* add_word(CLI::App& app, const std::string& name, Value& value,
                      const std::vector<std::pair<std::string, Value>>& words,
                      const std::string& help) {
    std::string list;
    for (const auto& [word, meaning] : words) {
        list += (list.empty() ? "" : ", ") + word;
    }
    const auto read = [name, &value, words, list](const std::string& text) {
        for (const auto& [word, meaning] : words) {
            if (word == text) {
                value = meaning;
                return;
            }
        }
        throw CLI::ValidationError(name, "'" + text + "' is not one of " + list);
    };
    return app.add_option_function<std::string>(name, read, help)
        ->type_name(list)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// Adds an option that takes any text, such as the name of a file.
template <class Text>
CLI::Option* add_text(CLI::App& app, const std::string& name, Text& value,
                      const std::string& type_name, const std::string& help) {
    return app.add_option(name, value, help)
        ->type_name(type_name)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// Prints why a command line is refused, on one line. Returns what the program exits with.
inline int refuse(const CLI::App& app, std::string_view why) {
    std::cerr << app.get_name() << ": " << why << "; --help lists the options\n";
    return exit_usage;
}

/// Reads a command line into the options' values. Returns what the program exits with at once,
/// after --help and after wrong usage; nothing when it is to run.
inline std::optional<int> read_options(CLI::App& app, int count, char** words) {
    try {
        app.parse(count, words);
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        std::cout << app.help();
        return exit_good;
    } catch (const CLI::ParseError& error) {
        return refuse(app, error.what());
    }
}

}  // namespace pto::programs
