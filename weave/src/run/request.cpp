// Each option has its own words for what it allows.
#include "run/request.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "report/schedule.h"
#include "report/suppressions.h"
#include "run/supervisor.h"

namespace weave {

namespace {

/// Refuses an option's value. `expected` says which values are allowed.
[[noreturn]] void refuse_value(const std::string& name, const std::string& value,
                               const std::string& expected) {
    refuse(name + "=" + value + ": expected " + expected);
}

/// A whole number from 0 to the largest of T.
template <class T>
T to_number(const std::string& name, const std::string& value) {
    constexpr T largest = std::numeric_limits<T>::max();
    T number{};
    const char* const end = value.data() + value.size();
    const auto [parsed, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || parsed != end || number < 0) {
        refuse_value(name, value, "a whole number from 0 to " + std::to_string(largest));
    }
    return number;
}

Memory to_memory(const std::string& value) {
    if (value != "c20" && value != "sc") {
        refuse_value("memory", value, "c20 or sc");
    }
    return value == "sc" ? Memory::sc : Memory::c20;
}

Mode to_mode(const std::string& value) {
    for (const Mode mode : {Mode::mix, Mode::random, Mode::pct, Mode::pos, Mode::surw, Mode::delay,
                            Mode::starve, Mode::pctwm, Mode::exhaustive, Mode::dfs, Mode::bytes}) {
        if (value == name_of(mode)) {
            return mode;
        }
    }
    refuse_value("mode", value,
                 "mix, random, pct, pos, surw, delay, starve, pctwm, exhaustive, dfs or bytes");
}

StatusRule to_status_rule(const std::string& value) {
    if (value == "differs") {
        return StatusRule::differs;
    }
    if (value == "any") {
        return StatusRule::any;
    }
    if (value == "ignore") {
        return StatusRule::ignore;
    }
    refuse_value("status", value, "differs, any or ignore");
}

/// A program whose races are not findings still has their effects: other threads may run before
/// each plain access.
void ignore_races(Options& options) {
    options.finds_races = false;
    options.plain_choice_points = true;
}

/// A list of verdicts with commas between them.
void ignore_verdicts(Options& options, const std::string& list) {
    for (size_t begin = 0; begin <= list.size();) {
        const size_t end = std::min(list.find(',', begin), list.size());
        const std::string word = list.substr(begin, end - begin);
        if (word == "data-race") {
            ignore_races(options);
        } else if (word == "leak") {
            options.finds_leaks = false;
        } else {
            refuse_value("ignore", list, "data-race, leak, or both with a comma");
        }
        begin = end + 1;
    }
}

bool to_switch(const std::string& name, const std::string& value) {
    if (value != "0" && value != "1") {
        refuse_value(name, value, "0 or 1");
    }
    return value == "1";
}

/// The option of a switch, or null if there is no switch with that name.
bool* switch_of(Options& options, const std::string& name) {
    return name == "continue"   ? &options.continues
           : name == "spurious" ? &options.spurious_wakeups
           : name == "plain"    ? &options.plain_choice_points
           : name == "reuse"    ? &options.reuses_memory
           : name == "leaks"    ? &options.finds_leaks
           : name == "estimate" ? &options.estimates
           : name == "progress" ? &options.shows_progress
           : name == "symmetry" ? &options.uses_symmetry
           : name == "digest"   ? &options.computes_digest
                                : nullptr;
}

std::string read_file(const std::string& name, const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        refuse_value(name, path, "a file that can be read");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string read_suppressions(const std::string& name, const std::string& path) {
    std::string content = read_file(name, path);
    try {
        const Suppressions parsed(content);
    } catch (const std::invalid_argument& wrong) {
        refuse_value(name, path,
                     std::string("TYPE:PATTERN in each line, but there is '") + wrong.what() + "'");
    }
    return content;
}

Explain to_explain(const std::string& value) {
    if (value != "0" && value != "1" && value != "all") {
        refuse_value("explain", value, "0, 1 or all");
    }
    return value == "0" ? Explain::nothing : value == "1" ? Explain::finding : Explain::all_events;
}

std::string read_input() {
    std::string content;
    char part[4096];
    for (size_t size; (size = std::fread(part, 1, sizeof part, stdin)) != 0;) {
        content.append(part, size);
    }
    return content;
}

void take(Request& request, const std::string& name, const std::string& value) {
    Options& options = request.options;
    if (name == "mode") {
        options.mode = to_mode(value);
    } else if (name == "executions") {
        options.executions = to_number<uint64_t>(name, value);
        request.has_executions = true;
    } else if (name == "seconds") {
        options.seconds = static_cast<double>(to_number<uint64_t>(name, value));
    } else if (name == "seed") {
        options.seed = to_number<uint64_t>(name, value);
    } else if (name == "depth") {
        options.depth = to_number<uint32_t>(name, value);
    } else if (name == "preemptions") {
        options.preemptions = to_number<int32_t>(name, value);
    } else if (name == "steps") {
        options.steps_max = to_number<uint32_t>(name, value);
    } else if (name == "memory") {
        options.memory = to_memory(value);
    } else if (bool* const option = switch_of(options, name); option != nullptr) {
        *option = to_switch(name, value);
        request.has_progress |= name == "progress";
    } else if (name == "jobs") {
        options.jobs = to_number<uint32_t>(name, value);
        if (options.jobs < 1 || options.jobs > 512) {
            refuse_value(name, value, "a whole number from 1 to 512");
        }
    } else if (name == "state") {
        options.state = value;
    } else if (name == "status") {
        options.status = to_status_rule(value);
    } else if (name == "uninstrumented") {
        if (value != "refuse" && value != "ignore") {
            refuse_value(name, value, "refuse or ignore");
        }
        request.refuses_uninstrumented = value == "refuse";
    } else if (name == "unseen") {
        if (value != "warn" && value != "ignore") {
            refuse_value(name, value, "warn or ignore");
        }
        request.warns_of_unseen = value == "warn";
    } else if (name == "races") {
        if (value != "ignore" && value != "report") {
            refuse_value(name, value, "report or ignore");
        }
        if (value == "ignore") {
            ignore_races(options);
        }
    } else if (name == "ignore") {
        ignore_verdicts(options, value);
    } else if (name == "suppressions") {
        options.suppressions = read_suppressions(name, value);
    } else if (name == "replay") {
        request.replay = read_file(name, value);
        request.has_replay = true;
    } else if (name == "explain") {
        options.explain = to_explain(value);
    } else if (name == "trace") {
        request.trace = value;
    } else if (name == "json") {
        request.json = value;
    } else {
        refuse("there is no option '" + name +
               "'; expected mode, executions, seconds, seed, depth, preemptions, steps, memory, "
               "plain, spurious, reuse, leaks, status, races, ignore, suppressions, "
               "uninstrumented, unseen, continue, replay, explain, estimate, progress, symmetry, "
               "digest, "
               "jobs, state, trace or json");
    }
}

/// Refuses options that only a search through all executions has.
void check_mode(const Request& request) {
    const Options& options = request.options;
    const bool is_exhaustive =
        !request.has_replay && (options.mode == Mode::exhaustive || options.mode == Mode::dfs);
    const char* const name = options.estimates        ? "estimate"
                             : options.jobs > 1       ? "jobs"
                             : !options.state.empty() ? "state"
                             : options.shows_progress ? "progress"
                                                      : nullptr;
    if (name != nullptr && !is_exhaustive) {
        refuse(std::string(name) + ": only for mode=exhaustive and mode=dfs, without replay");
    }
    const char* const graphs = options.uses_symmetry     ? "symmetry"
                               : options.computes_digest ? "digest"
                                                         : nullptr;
    if (graphs != nullptr && (request.has_replay || options.mode != Mode::exhaustive)) {
        refuse(std::string(graphs) + ": only for mode=exhaustive, without replay");
    }
    if (options.uses_symmetry && options.continues) {
        refuse("symmetry=1: does not go with continue=1");
    }
    if (options.estimates && (options.jobs > 1 || !options.state.empty())) {
        refuse("estimate=1: goes neither with jobs nor with state");
    }
}

}  // namespace

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "weave: WEAVE_OPTIONS: %s\n", why.c_str());
    finish();
    std::_Exit(exit_usage);
}

Request request_from(const char* text) {
    Request request;
    const std::string all = text == nullptr ? "" : text;
    for (size_t begin = 0; begin < all.size();) {
        const size_t end = std::min(all.find(':', begin), all.size());
        const std::string word = all.substr(begin, end - begin);
        const size_t equals = word.find('=');
        if (equals == std::string::npos) {
            refuse("'" + word + "' is not NAME=VALUE");
        }
        take(request, word.substr(0, equals), word.substr(equals + 1));
        begin = end + 1;
    }
    if (request.options.seconds > 0 && !request.has_executions) {
        request.options.executions = 0;
    }
    check_mode(request);
    return request;
}

void set_replay(Request& request) {
    Options& options = request.options;
    if (request.has_replay && is_schedule(request.replay)) {
        options.replay = request.replay;
        return;
    }
    if (options.mode != Mode::bytes && request.has_replay) {
        refuse("replay names a file that is not a schedule; only mode=bytes takes any file");
    }
    if (options.mode == Mode::bytes && !request.has_replay) {
        request.replay = read_input();
    }
    options.bytes = reinterpret_cast<const uint8_t*>(request.replay.data());
    options.bytes_size = request.replay.size();
}

}  // namespace weave
