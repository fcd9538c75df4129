// Holds Mode::exhaustive against Mode::dfs: for each program, both must come to the same outcomes
// and verdicts, and to the same execution graphs, and the first to each graph once.
//
//     graph_tests [NAME...] [--pins FILE]    the named programs, or all; 1 if one differs
//
// The graphs are read from the timelines and from the lists of stores, not from the search. The
// programs are the litmus tests and those of programs/. Where depth-first search does not end in
// time, only what it has found is compared. `--pins` also compares the numbers of executions of
// each program, and of blocked ones, with those in a file.
//
// This file is not instrumented; the programs are.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <run/choosers/dfs.h>
#include <run/choosers/exhaustive.h>
#include <run/event.h>
#include <run/image.h>

#include "explored.h"

namespace {

using litmus::Test;

constexpr uint64_t dfs_executions_max = 10'000;
constexpr uint64_t executions_max = 50'000;

#ifdef _LIBCPP_VERSION
constexpr bool restores_variables = true;
#else
// The pins of libstdc++ are of executions that begin with what the ones before have left in its
// variables, such as the numbers of its notifications.
constexpr bool restores_variables = false;
#endif

/// The number of events of each thread of a graph, or of those that contain a text.
std::vector<size_t> lengths_of(const std::string& graph, const std::string& text = ";") {
    std::vector<size_t> lengths;
    for (size_t begin = 0; graph.compare(begin, 7, "thread ") == 0;) {
        const size_t end = graph.find('\n', begin);
        const size_t thread = std::stoul(graph.substr(begin + 7));
        lengths.resize(std::max(lengths.size(), thread + 1));
        for (size_t at = graph.find(text, begin); at < end; at = graph.find(text, at + 1)) {
            ++lengths[thread];
        }
        begin = end + 1;
    }
    return lengths;
}

/// Sorts the orders of a graph, whose events have got other names.
std::string with_sorted_orders(const std::string& graph) {
    std::string text;
    std::vector<std::string> orders;
    std::istringstream lines(graph);
    for (std::string line; std::getline(lines, line);) {
        if (line.compare(0, 7, "thread ") == 0) {
            text += line + "\n";
        } else {
            orders.push_back(line);
        }
    }
    std::sort(orders.begin(), orders.end());
    for (const std::string& order : orders) {
        text += order + "\n";
    }
    return text;
}

/// A graph without some of the reads of a thread: those from `first` to before `last`, and `last`
/// takes the place of `first` if the kinds of both are those of reads. Empty if there is another
/// operation among them, or if the thread does not come to the same place again; if `is_merged`, to
/// the same object.
std::string without(const std::string& graph, unsigned thread, size_t first, size_t last,
                    bool is_merged) {
    using Kind = weave::Event::Kind;
    const auto kind_of = [](const std::string& event) {
        return static_cast<Kind>(std::stoi(event));
    };
    const auto place_of = [](const std::string& event, bool is_object) {
        const size_t begin = event.find('@');
        return event.substr(begin, event.find(is_object ? ':' : ' ', begin) - begin);
    };
    const std::string head = "thread " + std::to_string(thread) + ":";
    const size_t begin = graph.find(head) + head.size();
    const size_t end = graph.find('\n', begin);
    std::vector<std::string> events;
    for (size_t at = begin; at != end;) {
        const size_t next = graph.find(';', at) + 1;
        events.push_back(graph.substr(at, next - at));
        at = next;
    }
    if (place_of(events[first], is_merged) != place_of(events[last], is_merged)) {
        return "";
    }
    for (size_t i = first; i < last + (is_merged ? 1 : 0); ++i) {
        const Kind kind = kind_of(events[i]);
        if (kind == Kind::wait && events[i].find(" ends ") != std::string::npos) {
            continue;
        }
        if (kind != Kind::load && kind != Kind::exchange_failed && kind != Kind::fence &&
            kind != Kind::look_at_clock && kind != Kind::lock && kind != Kind::unlock &&
            kind != Kind::try_lock_failed) {
            return "";
        }
    }
    if (is_merged) {
        const size_t reads = events[last].find(" reads");
        const size_t place = events[first].find(" reads");
        if (reads == std::string::npos || place == std::string::npos) {
            return "";
        }
        events[last] = events[first].substr(0, place) + events[last].substr(reads);
    }
    events.erase(events.begin() + static_cast<ptrdiff_t>(first),
                 events.begin() + static_cast<ptrdiff_t>(last));
    std::string text = graph.substr(0, begin);
    for (const std::string& event : events) {
        text += event;
    }
    text += graph.substr(end);
    // The later events of the thread have other numbers now.
    std::string renamed;
    const std::string name = " " + std::to_string(thread) + ".";
    for (size_t at = 0; at < text.size();) {
        if (text.compare(at, name.size(), name) != 0) {
            renamed += text[at++];
            continue;
        }
        size_t digits = 0;
        const size_t index = std::stoul(text.substr(at + name.size()), &digits);
        if (index < first || index >= last) {
            renamed += name + std::to_string(index < last ? index : index - (last - first));
        }
        at += name.size() + digits;
    }
    return with_sorted_orders(renamed);
}

/// Asks whether graphs are among others once a few rounds of loops, which only read, are left out.
/// There are many ways to leave some out of a long graph: after `work_max` of them in all, no more
/// graphs are compared.
class Shortened {
  public:
    explicit Shortened(const std::map<std::string, uint64_t>& graphs) : graphs_(graphs) {}

    bool covers(const std::string& graph) {
        constexpr int rounds_max = 4;
        for (int rounds = 1; rounds <= rounds_max; ++rounds) {
            if (covers_without(graph, rounds)) {
                return true;
            }
        }
        left_ += work_ > work_max ? 1 : 0;
        return work_ > work_max;
    }

    /// Number of graphs that were not compared.
    size_t left() const { return left_; }

  private:
    bool covers_without(const std::string& graph, int rounds) {
        if (const auto found = not_without_.find(graph);
            found != not_without_.end() && found->second >= rounds) {
            return false;
        }
        if (work_ > work_max) {
            return false;
        }
        std::set<std::string> shorter;
        const std::vector<size_t> lengths = lengths_of(graph);
        for (unsigned thread = 0; thread < lengths.size(); ++thread) {
            for (size_t last = 1; last < lengths[thread]; ++last) {
                for (size_t first = 0; first < last; ++first) {
                    shorter.insert(without(graph, thread, first, last, true));
                    shorter.insert(without(graph, thread, first, last, false));
                    ++work_;
                }
            }
        }
        shorter.erase("");
        const bool is_covered =
            std::any_of(shorter.begin(), shorter.end(), [&](const std::string& next) {
                return graphs_.count(next) != 0 || (rounds > 1 && covers_without(next, rounds - 1));
            });
        if (!is_covered) {
            not_without_[graph] = rounds;
        }
        return is_covered;
    }

    const std::map<std::string, uint64_t>& graphs_;
    std::map<std::string, int> not_without_;  ///< rounds that were left out in vain
    static constexpr size_t work_max = 300'000;
    size_t work_ = 0;
    size_t left_ = 0;
};

std::string join(const std::set<std::string>& words) {
    std::string all;
    for (const std::string& word : words) {
        all += (all.empty() ? "" : ", ") + word;
    }
    return all;
}

/// What is in `a` and not in `b`.
std::set<std::string> missing(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::set<std::string> rest;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
    return rest;
}

/// How many events of a kind each thread has at most in graphs.
class Most {
  public:
    Most(const std::map<std::string, uint64_t>& graphs, weave::Event::Kind kind)
        : text_(" " + std::to_string(static_cast<int>(kind)) + "@") {
        for (const auto& [graph, count] : graphs) {
            const std::vector<size_t> lengths = lengths_of(graph, text_);
            most_.resize(std::max(most_.size(), lengths.size()));
            for (size_t i = 0; i < lengths.size(); ++i) {
                most_[i] = std::max(most_[i], lengths[i]);
            }
        }
    }

    /// Does a thread have more of them in a graph?
    bool are_fewer_than_in(const std::string& graph) const {
        const std::vector<size_t> lengths = lengths_of(graph, text_);
        for (size_t i = 0; i < lengths.size(); ++i) {
            if (i >= most_.size() ? lengths[i] != 0 : lengths[i] > most_[i]) {
                return true;
            }
        }
        return false;
    }

  private:
    std::string text_;
    std::vector<size_t> most_;
};

struct Report {
    uint64_t executions = 0;
    uint64_t blocked = 0;
    bool is_of_graphs = false;
    bool is_complete = false;
    std::vector<std::string> problems;
};

Report compare(const Test& test, weave::Memory memory) {
    // Large tables: one at a time.
    Found graphs;
    {
        const auto chooser = std::make_unique<weave::ExhaustiveChooser>(-1, /*is_symmetric=*/false,
                                                                        /*is_digesting=*/false);
        graphs = explore(test, *chooser, memory, executions_max, restores_variables,
                         /*has_clock=*/false);
    }
    Report report;
    report.executions = graphs.executions;
    report.blocked = graphs.blocked;
    report.is_of_graphs = graphs.limitation.empty();
    report.is_complete = graphs.is_complete;
    if (!report.is_of_graphs) {
        std::printf("%-44s %-3s like depth-first search: %s\n", test.name,
                    memory == weave::Memory::sc ? "sc" : "c20", graphs.limitation.c_str());
        return report;
    }
    Found dfs;
    {
        const auto chooser = std::make_unique<weave::DfsChooser>(-1);
        dfs = explore(test, *chooser, memory, dfs_executions_max, restores_variables,
                      graphs.has_clock);
    }
    // After a finding in an operation on a lock the search leaves something out, and says so.
    const bool has_finding =
        std::any_of(graphs.outcomes.begin(), graphs.outcomes.end(),
                    [](const std::string& outcome) { return outcome.rfind("ok", 0) != 0; });
    if (!graphs.is_complete && !has_finding && graphs.executions < executions_max) {
        report.problems.push_back("not complete, though there is no finding");
    }
    for (const std::string& outcome : missing(dfs.outcomes, graphs.outcomes)) {
        report.problems.push_back("not found: " + outcome);
    }
    if (dfs.is_complete) {
        for (const std::string& outcome : missing(graphs.outcomes, dfs.outcomes)) {
            report.problems.push_back("found, but not by depth-first search: " + outcome);
        }
    }
    size_t twice = 0;
    for (const auto& [graph, count] : graphs.graphs) {
        twice += count > 1 ? 1 : 0;
        if (count > 1 && twice == 1 && graphs.is_complete) {
            report.problems.push_back("more than once:\n" + graph);
        }
        // A lock that is given up at a limit is two events of the search, the limit and a look at
        // the lock, and one moment in depth-first search. And loops that run until a time have
        // rounds of another length there. The outcomes are the same.
        if (dfs.is_complete && dfs.graphs.count(graph) == 0 && !graphs.has_clock) {
            report.problems.push_back("a graph that depth-first search does not have:\n" + graph);
        }
    }
    // In depth-first search a loop that waits, or that tries a compare-exchange again, may take
    // rounds that change nothing. The outcomes are the same. An RMW that stores what it has read is
    // not left out of a graph, and neither is a look at the clock or a wait that ends by its limit:
    // of those a thread may have more than in any graph of the search.
    const Most rmws(graphs.graphs, weave::Event::Kind::rmw);
    const Most looks(graphs.graphs, weave::Event::Kind::look_at_clock);
    const Most limits(graphs.graphs, weave::Event::Kind::limit);
    Shortened shortened(graphs.graphs);
    for (const auto& [graph, count] : dfs.graphs) {
        if (graphs.graphs.count(graph) == 0 && !rmws.are_fewer_than_in(graph) &&
            !looks.are_fewer_than_in(graph) && !limits.are_fewer_than_in(graph) &&
            !shortened.covers(graph)) {
            report.problems.push_back("a graph that was missed:\n" + graph);
        }
    }
    if (twice != 0 && graphs.is_complete) {
        report.problems.push_back(std::to_string(twice) + " graphs more than once");
    }
    std::printf("%-44s %-3s %7" PRIu64 " executions, %7zu graphs, %5" PRIu64
                " blocked; dfs %7" PRIu64 "%s %7zu, %zu not compared%s\n",
                test.name, memory == weave::Memory::sc ? "sc" : "c20", graphs.executions,
                graphs.graphs.size(), graphs.blocked, dfs.executions, dfs.is_complete ? "" : "+",
                dfs.graphs.size(), shortened.left(), report.problems.empty() ? "" : " DIFFERS");
    for (size_t i = 0; i < std::min<size_t>(report.problems.size(), 6); ++i) {
        std::printf("    %s\n", report.problems[i].c_str());
    }
    std::fflush(stdout);
    return report;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments(argc, argv);
    weave::set_host_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    size_t compared = 0;
    size_t failed = 0;
    std::string counts;
    for (const Test& test : litmus::all_tests()) {
        if (!arguments.ask_for(test)) {
            continue;
        }
        for (const weave::Memory memory : {weave::Memory::c20, weave::Memory::sc}) {
            const Report report = compare(test, memory);
            compared += report.is_of_graphs ? 1 : 0;
            failed += report.problems.empty() ? 0 : 1;
            if (report.is_of_graphs && report.is_complete) {
                counts +=
                    std::string(test.name) + (memory == weave::Memory::sc ? " sc " : " c20 ") +
                    std::to_string(report.executions) + " " + std::to_string(report.blocked) + "\n";
            }
        }
    }
    failed += arguments.agree_with(counts) ? 0 : 1;
    std::printf("%zu comparisons, %zu failed\n", compared, failed);
    return failed == 0 ? 0 : 1;
}
