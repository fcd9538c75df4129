// Job: random graphs of every shape run one after another on a simulated machine in real time, with
// one to four scheduler threads, on boards of up to 64 clusters, on schedulers that are new and
// that were used before.
//
// Checked: every subtask runs once, every task completes once and after all tasks that it depends
// on (its number depends on theirs), the run ends with status 0, nothing is left in mailbox, wait
// list, queues and buffers, every slot is consumed, and every core is told to leave.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/random_graph.h"
#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using stress::Random;
using stress::Run;

constexpr uint32_t tasks_max = 150;
constexpr uint32_t threads_max = 4;
constexpr size_t many_producers = 5;
constexpr uint32_t many_consumers = 16;
constexpr uint32_t small_window = 4;

enum State : uint32_t {
    four_threads,
    tiny_window,
    scope_in_a_scope,
    wide_fan_in,
    wide_fan_out,
    used_before,
    numbers_wrap,
    large_board
};

uint32_t scope_depth(const Graph& graph) {
    uint32_t depth = 0;
    uint32_t deepest = 0;
    for (const GraphStep step : graph.steps) {
        depth += step == GraphStep::BEGIN_SCOPE ? 1 : 0;
        depth -= step == GraphStep::END_SCOPE ? 1 : 0;
        deepest = std::max(deepest, depth);
    }
    return deepest;
}

size_t most_producers(const Graph& graph) {
    size_t most = 0;
    for (const GraphTask& task : graph.tasks) {
        most = std::max(most, task.after.size());
    }
    return most;
}

uint32_t most_consumers(const Graph& graph) {
    std::vector<uint32_t> consumers(graph.tasks.size() + 1);
    for (const GraphTask& task : graph.tasks) {
        for (const uint32_t producer : task.after) {
            ++consumers[producer];
        }
    }
    return *std::max_element(consumers.begin(), consumers.end());
}

template <class Platform>
class GraphStorm {
  public:
    void round(Run& run) {
        auto random = run.random(0);
        Graph graph = pto::sim::random_graph(random.next(), random.between(1, tasks_max),
                                             {.has_records = true});
        graph.thread_count = random.between(1, threads_max);
        if (random.one_in(6)) {
            enlarge(graph, random);
        }
        stress::GraphRig<Platform>& rig = kept_.rig_for(run, graph, random);
        stress::expect_good(run, graph, rig.run(graph));
        note_states(run, graph);
    }

  private:
    /// A board of real size, and a last task with blocks for every cluster and ahead.
    static void enlarge(Graph& graph, Random& random) {
        struct Board {
            uint32_t clusters;
            uint32_t threads;
        };
        static constexpr std::array<Board, 3> boards = {{{24, 3}, {36, 4}, {64, 1}}};
        const Board board = boards[random.below(boards.size())];
        graph.cluster_count = board.clusters;
        graph.thread_count = board.threads;
        GraphTask wide;
        wide.cores = pto::SUBTASK_MASK_ALL;
        wide.block_num = static_cast<int32_t>(2 * board.clusters);
        wide.duration_ns = 1'000;
        Graph larger = graph;
        larger.tasks.push_back(wide);
        if (!larger.steps.empty()) {
            larger.steps.push_back(GraphStep::TASK);
        }
        if (!pto::sim::graph_problem(larger)) {
            graph = std::move(larger);
        }
    }

    void note_states(Run& run, const Graph& graph) const {
        const auto note = [&run](State state, bool is_reached) {
            if (is_reached) {
                run.own().reached(state);
            }
        };
        note(four_threads, graph.thread_count == threads_max);
        note(tiny_window, graph.window <= small_window && graph.tasks.size() > graph.window);
        note(scope_in_a_scope, scope_depth(graph) > 1);
        note(wide_fan_in, most_producers(graph) >= many_producers);
        note(wide_fan_out, most_consumers(graph) >= many_consumers);
        note(used_before, kept_.is_used());
        note(large_board, graph.cluster_count >= 24);
        // With several rings the tasks are numbered in each.
        note(numbers_wrap,
             (graph.ring_count == 1 || graph.steps.empty()) && kept_.wraps(graph.tasks.size()));
    }

    stress::KeptRig<Platform> kept_;
};

}  // namespace

STRESS_JOB(graph_storm,
           {.operation = "a task completed; latency is a graph's run divided by its tasks",
            .states = {"four scheduler threads", "window of at most 4 tasks", "scope in a scope",
                       "task with 5 producers", "task with 16 consumers",
                       "scheduler that was used before", "task numbers that wrap",
                       "board of 24 clusters or more"}}) {
    stress::take_turns<GraphStorm>(run);
}
