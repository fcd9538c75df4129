// Holds Mode::exhaustive with symmetry against the same without: for each program, both must come
// to the same outcomes and verdicts, and to the same execution graphs once threads may change
// names.
//
//     symmetry_tests [NAME...] [--pins FILE]    the named programs, or all; 1 if one differs
//
// The programs are the litmus tests and those of twins/. Names may change among all threads but
// the first: a graph in which threads of different code have changed names is none of the program.
// `--pins` also compares the numbers of executions without and with symmetry with those in a file.
//
// This file is not instrumented; the programs are.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <run/choosers/exhaustive.h>
#include <run/image.h>

#include "explored.h"

namespace {

using litmus::Test;

constexpr uint64_t executions_max = 5'000;

/// A graph whose threads have other names: thread i is `names[i]`.
std::string renamed(const std::string& graph, const std::vector<unsigned>& names) {
    std::vector<std::string> lines;
    std::istringstream in(graph);
    for (std::string line; std::getline(in, line);) {
        std::string text;
        for (size_t at = 0; at < line.size();) {
            const bool is_line = at == 0 && line.compare(0, 7, "thread ") == 0;
            const bool is_wake = line.compare(at, 7, " wakes ") == 0;
            const size_t begin = is_line || is_wake ? at + 7 : at + 1;
            const size_t end = line.find_first_not_of("0123456789", begin);
            const bool is_event = line[at] == ' ' && end != begin && end < line.size() &&
                                  line[end] == '.' && end - begin < 3;
            if (!is_event && !is_line && (!is_wake || end - begin > 3)) {
                text += line[at++];
                continue;
            }
            // A notification names the thread that it wakes plus 1.
            const unsigned shift = is_wake ? 1 : 0;
            const auto number = static_cast<unsigned>(std::stoul(line.substr(begin, end - begin)));
            const bool is_name = number >= shift && number - shift < names.size();
            text += line.substr(at, begin - at) +
                    std::to_string(is_name ? names[number - shift] + shift : number);
            at = std::min(end, line.size());
        }
        lines.push_back(text);
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const std::string& line : lines) {
        all += line + "\n";
    }
    return all;
}

size_t threads_of(const std::string& graph) {
    size_t threads = 0;
    std::istringstream in(graph);
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, 7, "thread ") == 0) {
            threads = std::max(threads, std::stoul(line.substr(7)) + 1);
        }
    }
    return threads;
}

/// The graphs with those names that give the first text.
std::set<std::string> without_names(const Found& found) {
    std::set<std::string> all;
    for (const auto& [graph, count] : found.graphs) {
        std::vector<unsigned> names(threads_of(graph));
        std::iota(names.begin(), names.end(), 0);
        std::string first = renamed(graph, names);
        while (names.size() > 1 && std::next_permutation(names.begin() + 1, names.end())) {
            first = std::min(first, renamed(graph, names));
        }
        all.insert(first);
    }
    return all;
}

Found search(const Test& test, weave::Memory memory, bool is_symmetric) {
    // Large tables: one at a time.
    const auto chooser =
        std::make_unique<weave::ExhaustiveChooser>(-1, is_symmetric, /*is_digesting=*/false);
    return explore(test, *chooser, memory, executions_max, /*restores_variables=*/true,
                   /*has_clock=*/false);
}

/// Says what of the first set is not in the second.
size_t print_missing(const char* what, const std::set<std::string>& all,
                     const std::set<std::string>& some) {
    size_t missing = 0;
    for (const std::string& text : all) {
        if (some.count(text) == 0 && ++missing == 1) {
            std::printf("    %s: %s\n", what, text.c_str());
        }
    }
    return missing;
}

/// Returns a line for the file of pins, or nothing if the search says nothing. Counts what differs.
std::string compare(const Test& test, weave::Memory memory, size_t& failed) {
    const char* const model = memory == weave::Memory::sc ? "sc" : "c20";
    const Found all = search(test, memory, false);
    if (!all.limitation.empty() || all.executions == executions_max) {
        return "";
    }
    const Found some = search(test, memory, true);
    std::printf("%-40s %-3s %6" PRIu64 " + %4" PRIu64 ", with symmetry %6" PRIu64 " + %4" PRIu64
                " %s\n",
                test.name, model, all.executions, all.blocked, some.executions, some.blocked,
                some.asymmetry.c_str());
    size_t problems = !some.limitation.empty() || some.is_complete != all.is_complete ? 1 : 0;
    if (problems != 0) {
        std::printf("    not complete, or: %s\n", some.limitation.c_str());
    }
    problems += print_missing("outcome not found", all.outcomes, some.outcomes);
    problems += print_missing("no outcome of the program", some.outcomes, all.outcomes);
    const std::set<std::string> graphs = without_names(all);
    problems += print_missing("graph not found", graphs, without_names(some));
    failed += problems == 0 ? 0 : 1;
    std::fflush(stdout);
    return std::string(test.name) + " " + model + " " + std::to_string(all.executions) + " " +
           std::to_string(some.executions) + (some.asymmetry.empty() ? "" : ", " + some.asymmetry) +
           "\n";
}

/// Is it one of the programs that the pins are of?
bool is_pinned(const Test& test) {
    return std::strncmp(test.name, "twins_", 6) == 0 || std::strncmp(test.name, "apart_", 6) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments(argc, argv);
    weave::set_host_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    size_t failed = 0;
    std::string counts;
    for (const Test& test : litmus::all_tests()) {
        if (!arguments.ask_for(test)) {
            continue;
        }
        for (const weave::Memory memory : {weave::Memory::c20, weave::Memory::sc}) {
            const std::string line = compare(test, memory, failed);
            counts += is_pinned(test) ? line : "";
        }
    }
    failed += arguments.agree_with(counts) ? 0 : 1;
    std::printf("%zu failed\n", failed);
    return failed == 0 ? 0 : 1;
}
