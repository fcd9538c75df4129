// run_graph: runs a task graph, from a file or made at random, on a simulated platform, and says
// how it went.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "sim/graph_check.h"
#include "sim/graph_explain.h"
#include "sim/graph_run.h"
#include "sim/graph_text.h"
#include "sim/programs/program.h"
#include "sim/random_graph.h"
#include "sim/trace.h"

namespace pto::programs {
namespace {

struct Options {
    std::optional<std::string> file;
    std::optional<uint64_t> seed;
    size_t platform = 0;  ///< an index of Platforms
    sim::TimeMode time = sim::TimeMode::VIRTUAL;
    std::optional<uint32_t> threads;
    std::optional<uint32_t> clusters;
    uint32_t tasks = 200;
    sim::RandomGraphOptions random;
    std::optional<std::string> trace;
    bool is_printed = false;
    bool is_quiet = false;
};

constexpr uint32_t tasks_max = 1'000'000;

void add_options(CLI::App& app, Options& options) {
    app.add_option("FILE", options.file, "A graph; - is the standard input")->type_name("");
    add_seed(app, "--random", options.seed, "Runs a random graph with this seed, not a file");
    add_number(app, "--tasks", options.tasks, 1, tasks_max, "Tasks of a random graph");
    app.add_flag("--faults", options.random.has_fault, "A random graph may have a fault");
    app.add_flag("--records", options.random.has_records, "A random graph may have event records");
    add_platform(app, options.platform);
    add_time(app, options.time);
    add_threads(app, options.threads);
    add_number(app, "--clusters", options.clusters, 1, clusters_max,
               "Clusters, of one cube core and two vector cores each");
    add_text(app, "--trace", options.trace, "FILE",
             "Writes a timeline for the trace viewers of Chrome and Perfetto");
    app.add_flag("--print", options.is_printed, "Prints the graph instead of running it");
    app.add_flag("--quiet", options.is_quiet, "Prints nothing after a good run");
}

/// A graph, and where its tasks are in the file that it came from.
struct Source {
    sim::ParsedGraph parsed;
    std::string file;  ///< empty if there is none

    std::string place_of(uint32_t task) const {
        return file.empty() ? "" : file + ":" + std::to_string(parsed.lines[task]) + ": ";
    }

    std::string describe(const sim::GraphProblem& problem) const {
        return problem.task ? place_of(*problem.task) + "task " +
                                  parsed.graph.name_of(*problem.task) + ": " + problem.what
                            : problem.what;
    }
};

std::string read_file(const std::string& name) {
    if (name == "-") {
        return {std::istreambuf_iterator<char>(std::cin), {}};
    }
    std::ifstream stream(name, std::ios::binary);
    std::ostringstream text;
    // Unlike an iterator over the stream, this notes the error of a folder instead of throwing it.
    if (stream.peek() != std::ifstream::traits_type::eof()) {
        text << stream.rdbuf();
    }
    if (!stream.is_open() || stream.bad()) {
        throw UsageError("cannot read '" + name + "'");
    }
    return text.str();
}

Source parse_file(const std::string& name) {
    const std::string text = read_file(name);
    const std::string shown = name == "-" ? "<stdin>" : name;
    try {
        return {sim::parse_graph(text), shown};
    } catch (const sim::GraphTextError& error) {
        throw UsageError(shown + ":" + std::to_string(error.line()) + ": " + error.what());
    }
}

Source make_source(const Options& options) {
    if (options.file.has_value() == options.seed.has_value()) {
        throw UsageError("needs a FILE or --random SEED, and not both; --help lists the options");
    }
    Source source;
    if (options.file) {
        source = parse_file(*options.file);
    } else if (options.seed) {
        source.parsed.graph = sim::random_graph(*options.seed, options.tasks, options.random);
    }
    sim::Graph& graph = source.parsed.graph;
    graph.thread_count = options.threads.value_or(graph.thread_count);
    graph.cluster_count = options.clusters.value_or(graph.cluster_count);
    return source;
}

/// Conditions that the subtasks which ran have left.
uint64_t conditions_left(const sim::Graph& graph, const sim::GraphResult& result) {
    uint64_t conditions = 0;
    for (size_t i = 0; i < result.runs.size(); ++i) {
        conditions += uint64_t{result.runs[i]} * graph.tasks[i].conditions;
    }
    return conditions;
}

void say(const sim::Graph& graph, const sim::GraphResult& result) {
    std::cout << "status=" << result.status << " tasks=" << graph.tasks.size()
              << " completed=" << result.completed << " subtasks=" << result.subtasks_run
              << " conditions=" << conditions_left(graph, result)
              << " duration=" << result.duration_ns
              << "ns mpsc_skipped_count=" << result.mpsc_skipped_count
              << " clean=" << (result.is_clean ? "yes" : "no")
              << " problem=" << (result.problem.empty() ? "none" : sim::json_string(result.problem))
              << '\n'
              << result.diagnosis;
}

/// Runs graphs on one platform.
template <class Platform>
class GraphProgram {
  public:
    GraphProgram(const Options& options, const Source& source)
        : options_(options), source_(source), graph_(source.parsed.graph) {}

    int run() {
        const sim::GraphResult result = checked_run();
        const bool is_good = result.is_good();
        if (!is_good || !options_.is_quiet) {
            say(graph_, result);
        }
        return is_good ? exit_good : exit_bad_run;
    }

  private:
    /// The run, unless it is clear beforehand that the scheduler would refuse a task of it.
    sim::GraphResult checked_run() {
        std::optional<sim::GraphProblem> problem = source_.parsed.unknown_dependency;
        if (!problem) {
            problem = sim::graph_problem(graph_);
        }
        if (problem) {
            return {.status = -PTO2_ERROR_INVALID_ARGS,
                    .is_clean = true,
                    .problem = source_.describe(*problem)};
        }
        sim::GraphResult result = run_graph();
        if (result.status != 0) {
            result.problem = source_.describe(sim::GraphExplanation(graph_, result).explain());
        } else if (result.problem.empty() && !result.is_clean) {
            result.problem = "something is left in the scheduler";
        }
        return result;
    }

    sim::GraphResult run_graph() {
        return options_.trace ? traced_run(*options_.trace) : run_on_machine(nullptr);
    }

    sim::GraphResult traced_run(const std::string& file) {
        // Opened before the run: a run for nothing can take long.
        std::ofstream out(file, std::ios::binary);
        if (!out) {
            throw UsageError("cannot write '" + file + "'");
        }
        sim::Trace trace(
            {.cluster_count = graph_.cluster_count, .thread_count = graph_.thread_count});
        sim::GraphResult result = run_on_machine(&trace);
        write_trace(trace, out);
        if (!out.flush()) {
            throw std::runtime_error("cannot write '" + file + "'");
        }
        return result;
    }

    sim::GraphResult run_on_machine(sim::Trace* trace) {
        machine_.emplace(
            sim::MachineConfig{.time = options_.time, .cluster_count = graph_.cluster_count},
            trace);
        run_ = std::make_unique<sim::GraphRun<Platform>>(graph_, *machine_);
        if (trace != nullptr) {
            trace->watch_mailboxes([this](uint32_t) { return mailbox_depth(); });
        }
        const bool is_alone = options_.time == sim::TimeMode::VIRTUAL && graph_.thread_count == 1;
        const sim::GraphResult result = is_alone ? run_->run_on_this_thread() : run_->run();
        // A run that an error has ended leaves kernels running; the trace waits for their last
        // word.
        machine_->stop();
        return result;
    }

    uint64_t mailbox_depth() const {
        const auto& mailbox = run_->scheduler().mailbox();
        // Relaxed, both: a picture for people. The tail first, so that it is not past the head.
        const uint64_t tail = mailbox.tail.load(std::memory_order_relaxed);
        return mailbox.head.load(std::memory_order_relaxed) - tail;
    }

    void write_trace(sim::Trace& trace, std::ofstream& out) const {
        trace.write(out, [this](uint64_t kernel_addr) {
            return graph_.name_of(sim::GraphRun<Platform>::task_of(kernel_addr));
        });
        if (trace.left_out() != 0) {
            std::cerr << "run_graph: the trace is full: " << trace.left_out()
                      << " events left out\n";
        }
    }

    const Options& options_;
    const Source& source_;
    const sim::Graph& graph_;
    // The run goes first: the machine has the caches that it uses.
    std::optional<sim::Machine> machine_;
    std::unique_ptr<sim::GraphRun<Platform>> run_;
};

}  // namespace
}  // namespace pto::programs

int main(int count, char** words) {
    using namespace pto::programs;
    Options options;
    return run_program(
        "run_graph",
        "Runs a task graph, from a file or random. Exits with 0 after a good run, 1 after one that "
        "ended in an error or computed something wrong, 2 on wrong usage and on a file that is not "
        "a valid graph.",
        count, words, [&options](CLI::App& app) { add_options(app, options); },
        [&options] {
            const Source source = make_source(options);
            if (options.is_printed) {
                std::cout << pto::sim::print_graph(source.parsed.graph);
                return exit_good;
            }
            return pto::for_platform(options.platform, [&]<class Platform>() {
                return GraphProgram<Platform>(options, source).run();
            });
        });
}
