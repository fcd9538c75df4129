// Task graphs as text, one line per task; docs/programs.md describes the format.
//
//     window 16
//     task load cores=aiv blocks=4 time=10us conditions=2 delay=5us
//     scope
//     task add cores=aic after=load
//     end
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph.h"
#include "graph_check.h"
#include "graph_words.h"

namespace pto::sim {

/// The scheduler threads of a graph that does not say how many: with one, a run in virtual time is
/// the same every time.
inline constexpr uint32_t graph_text_threads = 1;

/// Conditions of one subtask; all above 64 are the same error.
inline constexpr uint32_t graph_conditions_max = 128;

/// A text that is not a graph: on which line, what is wrong, and what would be right.
class GraphTextError : public std::runtime_error {
  public:
    GraphTextError(uint32_t line, const std::string& what)
        : std::runtime_error(what), line_(line) {}
    uint32_t line() const noexcept { return line_; }

  private:
    uint32_t line_;
};

struct ParsedGraph {
    Graph graph;
    std::vector<uint32_t> lines;  ///< of the tasks
    /// The first task that comes after one that the text does not have; in `graph`, the number of
    /// that one is past the last task's.
    std::optional<GraphProblem> unknown_dependency;
};

/// Reads a graph, line by line.
class GraphParser {
  public:
    GraphParser() { parsed_.graph.thread_count = graph_text_threads; }

    void read_line(std::string_view text) {
        ++line_;
        words_.clear();
        next_word_ = 0;
        for (const std::string_view word : split_at_blanks(text.substr(0, text.find('#')))) {
            words_.push_back(word);
        }
        if (!words_.empty()) {
            read_statement(words_[next_word_++]);
        }
    }

    ParsedGraph finish() {
        if (!scope_lines_.empty()) {
            fail("the text ends inside a scope that began on line " +
                 std::to_string(scope_lines_.back()) + "; an 'end' is missing");
        }
        for (uint32_t task = 0; task < parsed_.graph.tasks.size(); ++task) {
            name_task(task);
        }
        for (const Reference& reference : references_) {
            resolve(reference);
        }
        if (!has_scopes_) {
            parsed_.graph.steps.clear();
        }
        return std::move(parsed_);
    }

  private:
    struct Reference {
        uint32_t task;
        std::string producer;
    };

    [[noreturn]] void fail(const std::string& what) const { throw GraphTextError(line_, what); }

    static std::vector<std::string_view> split_at_blanks(std::string_view text) {
        constexpr std::string_view blanks = " \t\r";
        std::vector<std::string_view> words;
        for (size_t begin = text.find_first_not_of(blanks); begin != std::string_view::npos;
             begin = text.find_first_not_of(blanks)) {
            text.remove_prefix(begin);
            const size_t length = std::min(text.find_first_of(blanks), text.size());
            words.push_back(text.substr(0, length));
            text.remove_prefix(length);
        }
        return words;
    }

    void read_statement(std::string_view word) {
        if (word == "task") {
            read_task();
        } else if (word == "scope") {
            begin_scope();
        } else if (word == "end") {
            end_scope();
        } else if (word == "watchdog") {
            once(word);
            parsed_.graph.watchdog_limit_ns = time(word, only_word_of(word));
        } else {
            read_size(word);
        }
        if (next_word_ != words_.size()) {
            fail("the statement ends here, but there is '" + std::string(words_[next_word_]) + "'");
        }
    }

    void read_size(std::string_view word) {
        for (const GraphSize& size : graph_sizes) {
            if (size.word == word) {
                once(word);
                parsed_.graph.*size.field = number<uint32_t>(word, only_word_of(word));
                if (const auto problem = graph_size_problem(parsed_.graph)) {
                    fail(*problem);
                }
                return;
            }
        }
        fail("'" + std::string(word) +
             "' is none of task, scope, end, threads, clusters, window, rings, dependencies, "
             "watchdog");
    }

    /// A size is said once, for the whole graph.
    void once(std::string_view word) {
        if (!said_.insert(std::string(word)).second) {
            fail("there is a second '" + std::string(word) + "'");
        }
    }

    std::string_view only_word_of(std::string_view statement) {
        if (next_word_ == words_.size()) {
            fail("'" + std::string(statement) + "' needs a value");
        }
        return words_[next_word_++];
    }

    void begin_scope() {
        has_scopes_ = true;
        scope_lines_.push_back(line_);
        parsed_.graph.steps.push_back(GraphStep::BEGIN_SCOPE);
    }

    void end_scope() {
        if (scope_lines_.empty()) {
            fail("an 'end' without a 'scope'");
        }
        scope_lines_.pop_back();
        parsed_.graph.steps.push_back(GraphStep::END_SCOPE);
    }

    void read_task() {
        GraphTask task;
        if (next_word_ < words_.size() && words_[next_word_].find('=') == std::string_view::npos) {
            task.name = name(words_[next_word_++]);
        }
        keys_.clear();
        while (next_word_ < words_.size()) {
            read_property(task, words_[next_word_++]);
        }
        if (task.fault == GraphFault::SLAB_ERROR && !keys_.contains("code")) {
            fail("fault=slab_error needs a code=, the error that the kernel leaves");
        }
        parsed_.graph.tasks.push_back(std::move(task));
        parsed_.graph.steps.push_back(GraphStep::TASK);
        parsed_.lines.push_back(line_);
    }

    std::string name(std::string_view word) const {
        for (const char letter : word) {
            if (letter <= ' ' || letter > '~' || letter == ',') {
                fail("a name is made of visible ASCII characters other than = , #");
            }
        }
        return std::string(word);
    }

    void read_property(GraphTask& task, std::string_view word) {
        const size_t equals = word.find('=');
        const std::string_view key = word.substr(0, equals);
        if (equals == std::string_view::npos) {
            fail("'" + std::string(word) + "' should be KEY=VALUE");
        }
        if (!keys_.insert(std::string(key)).second) {
            fail("there is a second '" + std::string(key) + "='");
        }
        set_property(task, key, word.substr(equals + 1));
    }

    void set_property(GraphTask& task, std::string_view key, std::string_view value) {
        if (key == "cores") {
            task.cores = one_of(cores_from(value), key, value, cores_words);
        } else if (key == "blocks") {
            task.block_num = number<int32_t>(key, value);
        } else if (key == "after") {
            note_producers(value);
        } else if (key == "time") {
            task.duration_ns = time(key, value);
        } else if (key == "delay") {
            task.delay_ns = time(key, value);
        } else if (key == "conditions" || key == "records") {
            set_conditions(task, key, value);
        } else if (key == "fault") {
            task.fault = one_of(fault_from(value), key, value,
                                "slab_error, slab_overfull, slab_corrupt, null_condition, "
                                "misaligned_condition, unknown_condition, lost_condition, "
                                "never_ack, never_fin, none");
        } else if (key == "code") {
            task.fault_code = number<int32_t>(key, value);
        } else if (key == "subtask") {
            task.fault_subtask = number<int32_t>(key, value);
        } else {
            fail("'" + std::string(key) +
                 "=' is none of cores, blocks, after, time, delay, conditions, records, fault, "
                 "code, subtask");
        }
    }

    void set_conditions(GraphTask& task, std::string_view key, std::string_view value) {
        if (keys_.contains("conditions") && keys_.contains("records")) {
            fail("a task has either conditions= or records=");
        }
        task.has_records = key == "records";
        task.conditions = number<uint32_t>(key, value);
        if (task.conditions > graph_conditions_max) {
            fail("'" + std::string(key) + "=' takes at most " +
                 std::to_string(graph_conditions_max) + "; more than 64 are an error of the run");
        }
    }

    /// Names are looked up at the end, when all are known.
    void note_producers(std::string_view names) {
        const uint32_t task = static_cast<uint32_t>(parsed_.graph.tasks.size());
        for (const std::string_view producer : split(names, ',')) {
            if (producer.empty()) {
                fail("after= takes names with commas between them");
            }
            references_.push_back({task, std::string(producer)});
        }
    }

    void name_task(uint32_t task) {
        const std::string name = parsed_.graph.name_of(task);
        const auto [other, is_new] = numbers_.insert({name, task});
        if (!is_new) {
            line_ = parsed_.lines[task];
            fail("a task called '" + name + "' is on line " +
                 std::to_string(parsed_.lines[other->second]) + " already");
        }
    }

    void resolve(const Reference& reference) {
        const auto producer = numbers_.find(reference.producer);
        std::vector<uint32_t>& after = parsed_.graph.tasks[reference.task].after;
        if (producer != numbers_.end()) {
            after.push_back(producer->second);
            return;
        }
        after.push_back(static_cast<uint32_t>(parsed_.graph.tasks.size()));
        if (!parsed_.unknown_dependency) {
            parsed_.unknown_dependency =
                GraphProblem{reference.task,
                             "it comes after '" + reference.producer + "', which does not exist"};
        }
    }

    template <class T>
    T one_of(const std::optional<T>& read, std::string_view key, std::string_view value,
             std::string_view right) const {
        if (!read) {
            fail("'" + std::string(key) + "=' is one of " + std::string(right) + ", not '" +
                 std::string(value) + "'");
        }
        return *read;
    }

    template <class T>
    T number(std::string_view key, std::string_view value) const {
        const std::optional<T> number = number_from<T>(value);
        if (!number) {
            fail("'" + std::string(key) + "' takes a number, not '" + std::string(value) + "'");
        }
        return *number;
    }

    uint64_t time(std::string_view key, std::string_view value) const {
        const std::optional<uint64_t> ns = time_from(value);
        if (!ns) {
            fail("'" + std::string(key) +
                 "' takes a whole number of ns, us, ms or s, such as 20us, not '" +
                 std::string(value) + "'");
        }
        return *ns;
    }

    ParsedGraph parsed_;
    uint32_t line_ = 0;
    std::vector<std::string_view> words_;  ///< of the line
    size_t next_word_ = 0;
    std::set<std::string> said_;
    std::set<std::string> keys_;  ///< of the task
    bool has_scopes_ = false;
    std::vector<uint32_t> scope_lines_;  ///< of the scopes that are open
    std::vector<Reference> references_;
    std::map<std::string, uint32_t> numbers_;
};

/// The graph that a text describes. Throws GraphTextError. A task that comes after one that does
/// not exist, or that is submitted later, is a problem of the graph and not of the text.
inline ParsedGraph parse_graph(std::string_view text) {
    GraphParser parser;
    std::vector<std::string_view> lines = split(text, '\n');
    if (lines.back().empty()) {
        lines.pop_back();
    }
    for (const std::string_view line : lines) {
        parser.read_line(line);
    }
    return parser.finish();
}

/// Prints a task as a line of a graph file.
inline std::string print_task(const Graph& graph, const GraphTask& task) {
    std::string text = "task";
    const auto add = [&text](std::string_view key, const std::string& value, bool is_needed) {
        if (is_needed) {
            text += " " + std::string(key) + "=" + value;
        }
    };
    std::string after;
    for (const uint32_t producer : task.after) {
        after += after.empty() ? "" : ",";
        after += producer < graph.tasks.size() ? graph.name_of(producer)
                                               : "t" + std::to_string(producer);
    }
    text += task.name.empty() ? "" : " " + task.name;
    add("cores", cores_word(task.cores), true);
    add("blocks", std::to_string(task.block_num), task.block_num != 1);
    add("after", after, !after.empty());
    add("time", time_word(task.duration_ns), task.duration_ns != 0);
    add(task.has_records ? "records" : "conditions", std::to_string(task.conditions),
        task.has_records || task.conditions != 0);
    add("delay", time_word(task.delay_ns), task.delay_ns != 0);
    add("fault", fault_word(task.fault), task.fault != GraphFault::NONE);
    add("code", std::to_string(task.fault_code),
        task.fault_code != 0 || task.fault == GraphFault::SLAB_ERROR);
    add("subtask", std::to_string(task.fault_subtask), task.fault_subtask != -1);
    return text;
}

/// Prints the sizes that are not what a text without them means.
inline std::string print_sizes(const Graph& graph) {
    Graph unsaid;
    unsaid.thread_count = graph_text_threads;
    std::string text;
    for (const GraphSize& size : graph_sizes) {
        if (graph.*size.field != unsaid.*size.field) {
            text += std::string(size.word) + " " + std::to_string(graph.*size.field) + "\n";
        }
    }
    if (graph.watchdog_limit_ns != unsaid.watchdog_limit_ns) {
        text += "watchdog " + time_word(graph.watchdog_limit_ns) + "\n";
    }
    return text;
}

/// The text of a graph: parse_graph() makes the same graph of it, if all in it can be said. The
/// names of its tasks have to be distinct, t0, t1 ... for those without; sizes, times, cores and
/// conditions in their ranges; scopes closed; `steps` empty if there are no scopes; and the
/// number of a task that does not exist the one after the last task's.
inline std::string print_graph(const Graph& graph) {
    std::string text = print_sizes(graph);
    std::string indent;
    size_t next_task = 0;
    const auto print_next = [&] {
        text += indent + print_task(graph, graph.tasks[next_task++]) + "\n";
    };
    for (const GraphStep step : graph.steps) {
        switch (step) {
            case GraphStep::TASK:
                print_next();
                break;
            case GraphStep::BEGIN_SCOPE:
                text += indent + "scope\n";
                indent += "    ";
                break;
            case GraphStep::END_SCOPE:
                indent.resize(indent.size() - std::min<size_t>(indent.size(), 4));
                text += indent + "end\n";
                break;
        }
    }
    while (graph.steps.empty() && next_task < graph.tasks.size()) {
        print_next();
    }
    return text;
}

}  // namespace pto::sim
