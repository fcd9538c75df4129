// The cases, and the program that runs them: two schedulers that differ in what handles a FIN,
// right after one another, and a report as JSON.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/scheduler/fin_latency.h"
#include "bench/scheduler/graph.h"
#include "bench/scheduler/run.h"
#include "sim/json.h"
#include "sim/programs/options.h"

namespace bench {

using pto::sim::json_number;
using pto::sim::JsonArray;
using pto::sim::JsonObject;

struct Case {
    std::string name;
    uint32_t threads;  ///< 0: the calling thread alone
    Graph graph;
    uint32_t pairs;  ///< runs of each scheduler in one round
};

/// A run that is checked task by task has this many tasks at most.
inline constexpr uint64_t checked_tasks_max = 10'000;
inline constexpr uint32_t latency_samples = 5'000;
inline constexpr std::chrono::milliseconds latency_time_max{200};

inline std::vector<Case> all_cases() {
    constexpr uint64_t tasks = 10'000;
    // Threads take a while to meet one another.
    constexpr uint64_t long_run = 50'000;
    std::vector<Case> cases = {
        {"deferred_heavy", 0, deferred_heavy(tasks), 8},
        {"deferred_slow", 0, deferred_slow(tasks), 2},
        {"deferred_some", 0, deferred_some(tasks), 8},
        {"deferred_free", 0, deferred_free(tasks), 12},
        {"wide_fan_out", 0, wide_fan_out(tasks), 12},
        {"deep_chain", 0, deep_chain(tasks), 12},
        {"alternating", 0, alternating(tasks), 12},
    };
    for (const uint32_t threads : {2u, 4u}) {
        const std::string suffix = "_" + std::to_string(threads) + "_threads";
        cases.push_back({"deferred_heavy" + suffix, threads, deferred_heavy(long_run), 2});
        cases.push_back({"deferred_some" + suffix, threads, deferred_some(long_run), 2});
        cases.push_back({"deferred_free" + suffix, threads, deferred_free(long_run), 2});
    }
    for (const uint64_t count : {1'000u, 10'000u, 100'000u, 1'000'000u}) {
        const uint32_t pairs = count < 100'000 ? static_cast<uint32_t>(40'000 / count) : 1;
        cases.push_back({"tasks_" + std::to_string(count), 0, deferred_some(count), pairs});
    }
    for (const uint32_t conditions : {1u, 2u, 4u, 8u, 16u}) {
        cases.push_back(
            {"conditions_" + std::to_string(conditions), 0, deferred_heavy(tasks, conditions), 2});
    }
    for (const uint32_t threads : {1u, 2u, 4u, 8u}) {
        cases.push_back(
            {"threads_" + std::to_string(threads), threads, deferred_some(long_run), 1});
    }
    return cases;
}

/// What the command line asks for.
struct Options {
    uint32_t round = 0;          ///< odd: the baseline goes first
    std::string only = {};       ///< the name of one case; empty: all
    uint32_t pairs_max = ~0u;    ///< for a short run
    uint64_t tasks_max = ~0ull;  ///< likewise

    bool includes(std::string_view name) const { return only.empty() || only == name; }
};

inline void add_options(CLI::App& app, Options& options) {
    using namespace pto::programs;
    add_number(app, "--round", options.round, 0, ~0u, "In an odd one the baseline goes first");
    add_text(app, "--only", options.only, "CASE", "Runs this case only");
    add_number(app, "--pairs", options.pairs_max, 1, ~0u, "Pairs of runs of a case, at most");
    add_number(app, "--tasks", options.tasks_max, 1, ~0ull, "Tasks of a run, at most");
}

/// One figure of a case, from both schedulers; those at the same index were taken together.
struct Figure {
    std::string name;
    std::vector<double> product = {};
    std::vector<double> baseline = {};
};

/// Collects what the cases found, and writes it.
class Report {
  public:
    void add(const std::string& name, const std::vector<Figure>& figures) {
        JsonObject both;
        for (const Figure& figure : figures) {
            both.add_json(figure.name, JsonObject()
                                           .add_json("product", list(figure.product))
                                           .add_json("baseline", list(figure.baseline))
                                           .str());
        }
        cases_.add(JsonObject()
                       .add("name", name)
                       .add_json("figures", both.str())
                       .add("problem", std::exchange(problem_, {}))
                       .str());
    }

    /// Keeps the first thing that is wrong with the case that is running.
    void check(const char* scheduler, const char* problem) {
        if (problem != nullptr && problem_.empty()) {
            problem_ = std::string(scheduler) + ": " + problem;
        }
    }

    void write() const {
        std::printf("%s\n", JsonObject().add_json("cases", cases_.str()).str().c_str());
    }

  private:
    static std::string list(const std::vector<double>& values) {
        JsonArray numbers;
        for (const double value : values) {
            numbers.add(json_number(value));
        }
        return numbers.str();
    }

    JsonArray cases_;
    std::string problem_;
};

/// Calls both, the second first in every other pair.
template <class First, class Second>
void in_turn(uint32_t number, First&& first, Second&& second) {
    if (number % 2 == 0) {
        first();
        second();
    } else {
        second();
        first();
    }
}

template <class Completion>
RunResult run_graph(Subject<Completion>& subject, const Case& c, const Graph& graph,
                    Ledger* ledger = nullptr) {
    return c.threads == 0 ? subject.run_alone(graph, ledger)
                          : subject.run_on_threads(graph, ledger);
}

/// A run whose every task is looked at; it warms the memory up too.
template <class Completion>
const char* check_graph(Subject<Completion>& subject, const Case& c) {
    Graph graph = c.graph;
    graph.task_count = std::min(graph.task_count, checked_tasks_max);
    Ledger ledger(graph);
    return run_graph(subject, c, graph, &ledger).problem;
}

template <class Product, class Baseline>
void run_case(Case c, const Options& options, Report& report) {
    c.graph.task_count = std::min(c.graph.task_count, options.tasks_max);
    Subject<Product> product(std::max(c.threads, 1u));
    Subject<Baseline> baseline(std::max(c.threads, 1u));
    report.check("product", check_graph(product, c));
    report.check("baseline", check_graph(baseline, c));
    Figure figure{"ns_per_task"};
    const auto run = [&](const char* name, auto& subject, std::vector<double>& times) {
        const RunResult result = run_graph(subject, c, c.graph);
        report.check(name, result.problem);
        times.push_back(result.ns_per_task);
    };
    for (uint32_t pair = 0; pair < std::min(c.pairs, options.pairs_max); ++pair) {
        in_turn(
            pair + options.round, [&] { run("product", product, figure.product); },
            [&] { run("baseline", baseline, figure.baseline); });
    }
    report.add(c.name, {figure});
}

template <class Product, class Baseline>
void run_fin_latency(const std::string& name, uint32_t conditions, const Options& options,
                     Report& report) {
    const auto samples =
        static_cast<uint32_t>(std::min<uint64_t>(latency_samples, options.tasks_max));
    FinLatency product;
    FinLatency baseline;
    in_turn(
        options.round,
        [&] { product = FinLatencyRig<Product>(conditions).measure(samples, latency_time_max); },
        [&] { baseline = FinLatencyRig<Baseline>(conditions).measure(samples, latency_time_max); });
    report.check("product", product.problem);
    report.check("baseline", baseline.problem);
    std::vector<Figure> figures;
    for (const auto& [label, share] :
         {std::pair{"p50_ns", 0.5}, std::pair{"p99_ns", 0.99}, std::pair{"p999_ns", 0.999}}) {
        figures.push_back({label,
                           {percentile_ns(product.samples_ns, share)},
                           {percentile_ns(baseline.samples_ns, share)}});
    }
    report.add(name, figures);
}

/// The program. What is wrong with a run is in its report, and does not change the exit status.
template <class Product, class Baseline>
int run_all(int argc, char** argv) {
    CLI::App app("Times the scheduler next to the one that it replaced; prints a round as JSON.",
                 "bench_scheduler");
    Options options;
    add_options(app, options);
    if (const std::optional<int> status = pto::programs::read_options(app, argc, argv)) {
        return *status;
    }
    Report report;
    for (const Case& c : all_cases()) {
        if (options.includes(c.name)) {
            run_case<Product, Baseline>(c, options, report);
        }
    }
    for (const auto& [name, conditions] :
         {std::pair{"fin_latency_free", 0u}, std::pair{"fin_latency_deferred", 8u}}) {
        if (options.includes(name)) {
            run_fin_latency<Product, Baseline>(name, conditions, options, report);
        }
    }
    report.write();
    return 0;
}

}  // namespace bench
