// Properties of whole runs: random task graphs on the simulated platforms.
//
// The graphs judge themselves: every subtask adds to its task's word a number that depends on what
// the tasks before it computed, so a subtask that is lost, runs twice or reads too early changes
// the numbers of all that come after (sim/graph_data.h). What the status of a faulty graph may
// be is worked out here, from the graph alone.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "sim/graph_run.h"
#include "sim/with_ring_of.h"
#include "src/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphResult;
using pto::sim::GraphRun;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using pto::sim::Machine;
using pto::sim::TimeMode;

/// Not more tasks than may wait for conditions at once, so that no graph meets that limit.
constexpr int tasks_max = 60;
constexpr int32_t timeout = -100;

/// The same platform with a mailbox that is full all the time.
template <class Platform>
using Cramped = pto::sim::WithRingOf<Platform, 4>;

enum class Scope : uint8_t { STAY, BEGIN, END };

/// A task as it is generated: `after` counts back from the task, so that tasks can be removed
/// around it when a failing graph is made smaller.
struct Draft {
    uint8_t cores = 0;
    int32_t block_num = 1;
    uint32_t conditions = 0;
    bool has_records = false;
    uint64_t duration_ns = 0;
    uint64_t delay_ns = 0;
    std::vector<uint32_t> back;
    Scope scope = Scope::STAY;
    GraphFault fault = GraphFault::NONE;
    int32_t fault_code = 0;
    int32_t fault_subtask = -1;
};

std::ostream& operator<<(std::ostream& os, const Draft& draft) {
    os << "{cores " << int{draft.cores} << ", blocks " << draft.block_num << ", conditions "
       << draft.conditions << (draft.has_records ? " (records)" : "") << ", " << draft.duration_ns
       << "+" << draft.delay_ns << " ns, scope " << static_cast<int>(draft.scope) << ", fault "
       << static_cast<int>(draft.fault) << " (" << draft.fault_code << ") in "
       << draft.fault_subtask << ", back";
    for (const uint32_t back : draft.back) {
        os << " " << back;
    }
    return os << "}";
}

/// The sizes of a run.
struct Sizes {
    uint32_t window_log = 3;
    uint32_t ring_count = 2;
    uint32_t cluster_count = 2;
    uint32_t thread_count = 2;
};

std::ostream& operator<<(std::ostream& os, const Sizes& sizes) {
    return os << "{window " << (1 << sizes.window_log) << ", rings " << sizes.ring_count
              << ", clusters " << sizes.cluster_count << ", threads " << sizes.thread_count << "}";
}

using Drafts = std::vector<Draft>;

}  // namespace

namespace rc {

// Ranges shrink with the size of a case, which would make the first graphs all alike: sizes are
// fixed, and the number of tasks alone makes a graph large or small.
template <>
struct Arbitrary<Sizes> {
    static Gen<Sizes> arbitrary() {
        return gen::resize(
            kNominalSize,
            gen::build<Sizes>(gen::set(&Sizes::window_log, gen::inRange<uint32_t>(0, 7)),
                              gen::set(&Sizes::ring_count, gen::inRange<uint32_t>(1, 4)),
                              gen::set(&Sizes::cluster_count, gen::inRange<uint32_t>(1, 5)),
                              gen::set(&Sizes::thread_count, gen::inRange<uint32_t>(1, 4))));
    }
};

template <>
struct Arbitrary<Draft> {
    static Gen<Draft> arbitrary() {
        return gen::resize(
            kNominalSize,
            gen::build<Draft>(
                gen::set(&Draft::cores, gen::inRange<uint8_t>(0, 8)),
                gen::set(&Draft::block_num, gen::inRange<int32_t>(1, 6)),
                gen::set(&Draft::conditions,
                         gen::weightedElement<uint32_t>({{6, 0}, {2, 1}, {1, 4}})),
                gen::set(&Draft::has_records),
                gen::set(&Draft::duration_ns, gen::element<uint64_t>(0, 0, 1000, 7000)),
                gen::set(&Draft::delay_ns, gen::element<uint64_t>(0, 500, 20000)),
                gen::set(&Draft::back, back()),
                gen::set(&Draft::scope,
                         gen::weightedElement<Scope>(
                             {{8, Scope::STAY}, {1, Scope::BEGIN}, {1, Scope::END}}))));
    }

    static Gen<std::vector<uint32_t>> back() {
        return gen::resize(4, gen::container<std::vector<uint32_t>>(
                                  gen::resize(kNominalSize, gen::inRange<uint32_t>(0, 30))));
    }
};

}  // namespace rc

namespace {

rc::Gen<Drafts> drafts() {
    return rc::gen::resize(tasks_max, rc::gen::nonEmpty(rc::gen::arbitrary<Drafts>()));
}

/// Puts scopes around tasks. When the open ones together hold as many tasks as a window, all are
/// ended, so that no task is refused for lack of slots.
class ScopeWriter {
  public:
    ScopeWriter(Graph& graph) : graph_(graph) {}

    void write_task(Scope scope) {
        if (held_ == graph_.window) {
            end_all();
        } else if (scope == Scope::BEGIN && depth_ < 6) {
            graph_.steps.push_back(GraphStep::BEGIN_SCOPE);
            ++depth_;
        } else if (scope == Scope::END && depth_ > 0) {
            graph_.steps.push_back(GraphStep::END_SCOPE);
            --depth_;
        }
        graph_.steps.push_back(GraphStep::TASK);
        ++held_;
    }

  private:
    void end_all() {
        graph_.steps.insert(graph_.steps.end(), depth_ + 1, GraphStep::END_SCOPE);
        graph_.steps.push_back(GraphStep::BEGIN_SCOPE);
        depth_ = 0;
        held_ = 0;
    }

    Graph& graph_;
    uint32_t depth_ = 0;
    uint32_t held_ = 0;  ///< at most
};

Graph graph_of(const Drafts& drafts, const Sizes& sizes) {
    Graph graph;
    graph.window = 1u << sizes.window_log;
    graph.dependency_capacity = 16 * graph.window;
    graph.ring_count = sizes.ring_count;
    graph.cluster_count = sizes.cluster_count;
    graph.thread_count = sizes.thread_count;
    graph.watchdog_limit_ns = 60'000'000'000;
    ScopeWriter scopes(graph);
    for (const Draft& draft : drafts) {
        const uint32_t number = static_cast<uint32_t>(graph.tasks.size());
        GraphTask task{.cores = draft.cores,
                       .fault = draft.fault,
                       .has_records = draft.has_records,
                       .block_num = draft.block_num,
                       .fault_code = draft.fault_code,
                       .fault_subtask = draft.fault_subtask,
                       .conditions = draft.conditions,
                       .duration_ns = draft.duration_ns,
                       .delay_ns = draft.delay_ns};
        // A task of many subtasks must not register its 65th condition.
        task.conditions = std::min(task.conditions, 60 / std::max(1u, subtask_count(task)));
        for (const uint32_t back : draft.back) {
            if (number != 0 && task.after.size() < 4) {
                task.after.push_back(number - 1 - back % number);
            }
        }
        graph.tasks.push_back(task);
        scopes.write_task(draft.scope);
    }
    return graph;
}

template <class Platform>
GraphResult run_alone(Graph graph) {
    graph.thread_count = 1;
    Machine machine({.time = TimeMode::VIRTUAL, .cluster_count = graph.cluster_count});
    return GraphRun<Platform>(graph, machine).run_on_this_thread();
}

template <class Platform>
GraphResult run_on_threads(const Graph& graph, TimeMode time = TimeMode::REAL) {
    Machine machine({.time = time, .cluster_count = graph.cluster_count});
    return GraphRun<Platform>(graph, machine).run();
}

/// Ended well: each subtask ran once, after all that it depends on, and nothing is left.
void expect_good(const GraphResult& result, const Graph& graph) {
    RC_ASSERT(result.status == 0);
    RC_ASSERT(result.problem == std::string());
    RC_ASSERT(result.is_clean);
    RC_ASSERT(result.completed == graph.tasks.size());
}

RC_GTEST_PROP(SchedulerProperties, every_graph_ends_well_on_every_platform_with_the_same_values,
              (const Sizes& sizes)) {
    const Graph graph = graph_of(*drafts(), sizes);
    const GraphResult threads = run_on_threads<pto::a2a3::Platform>(graph);
    expect_good(threads, graph);
    pto::for_each_platform([&]<class Platform>() {
        const GraphResult alone = run_alone<Platform>(graph);
        expect_good(alone, graph);
        RC_ASSERT(alone.values == threads.values);
    });
}

RC_GTEST_PROP(SchedulerProperties, a_mailbox_that_is_always_full_changes_nothing,
              (const Sizes& sizes)) {
    const Graph graph = graph_of(*drafts(), sizes);
    const GraphResult ample = run_alone<pto::a2a3::Platform>(graph);
    const GraphResult cramped = run_alone<Cramped<pto::a2a3::Platform>>(graph);
    const GraphResult threads = run_on_threads<Cramped<pto::a5::Platform>>(graph);
    expect_good(cramped, graph);
    expect_good(threads, graph);
    RC_ASSERT(cramped.values == ample.values);
    RC_ASSERT(threads.values == ample.values);
}

RC_GTEST_PROP(SchedulerProperties, virtual_time_alone_repeats_itself_and_on_threads_agrees,
              (const Sizes& sizes)) {
    const Graph graph = graph_of(*drafts(), sizes);
    const GraphResult first = run_alone<pto::a5::Platform>(graph);
    const GraphResult second = run_alone<pto::a5::Platform>(graph);
    RC_ASSERT(first.duration_ns == second.duration_ns);
    RC_ASSERT(first.values == second.values);
    const GraphResult threads = run_on_threads<pto::a5::Platform>(graph, TimeMode::VIRTUAL);
    expect_good(threads, graph);
    RC_ASSERT(threads.values == first.values);
}

// ----- faults ---------------------------------------------------------------------------------

int32_t status_of(const GraphTask& task) {
    switch (task.fault) {
        case GraphFault::NONE:
            return 0;
        case GraphFault::SLAB_ERROR:
            return task.fault_code > 0 ? -task.fault_code : task.fault_code;
        case GraphFault::SLAB_OVERFULL:
            return -102;
        case GraphFault::SLAB_CORRUPT:
            return -103;
        case GraphFault::NULL_CONDITION:
        case GraphFault::MISALIGNED_CONDITION:
        case GraphFault::UNKNOWN_CONDITION:
            return -101;
        case GraphFault::LOST_CONDITION:
            return task.conditions == 0 ? 0 : timeout;
        case GraphFault::NEVER_ACK:
        case GraphFault::NEVER_FIN:
            return timeout;
    }
    return 0;
}

/// The status that a task gives a run in which it gets to run; 0 if it ends well.
int32_t own_status(const GraphTask& task) {
    const bool has_subtask = task.fault_subtask < static_cast<int32_t>(subtask_count(task));
    return task.cores != 0 && has_subtask ? status_of(task) : 0;
}

/// The statuses that a run may end with: those of the tasks that fail and come after no failing
/// one, which is what happens first. {0} when none fails.
std::set<int32_t> possible_statuses(const Graph& graph) {
    std::set<int32_t> statuses;
    std::vector<bool> is_cut_off;
    for (const GraphTask& task : graph.tasks) {
        const bool never_runs = std::any_of(task.after.begin(), task.after.end(),
                                            [&](uint32_t before) { return is_cut_off[before]; });
        const int32_t status = own_status(task);
        if (!never_runs && status != 0) {
            statuses.insert(status);
        }
        is_cut_off.push_back(never_runs || status != 0);
    }
    return statuses.empty() ? std::set<int32_t>{0} : statuses;
}

rc::Gen<GraphFault> fault_that_ends_a_run_at_once() {
    return rc::gen::element(GraphFault::SLAB_ERROR, GraphFault::SLAB_OVERFULL,
                            GraphFault::SLAB_CORRUPT, GraphFault::NULL_CONDITION,
                            GraphFault::MISALIGNED_CONDITION, GraphFault::UNKNOWN_CONDITION);
}

rc::Gen<GraphFault> any_fault() {
    return rc::gen::oneOf(
        fault_that_ends_a_run_at_once(),
        rc::gen::element(GraphFault::LOST_CONDITION, GraphFault::NEVER_ACK, GraphFault::NEVER_FIN));
}

/// Lets one to three tasks fail, or subtasks of them.
void plant_faults(Drafts& drafts, const rc::Gen<GraphFault>& faults) {
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
        Draft& draft = drafts[*rc::gen::inRange<size_t>(0, drafts.size())];
        draft.fault = *faults;
        draft.fault_code = *rc::gen::element(7, -7, 100, INT32_MIN);
        draft.fault_subtask = *rc::gen::inRange(-1, 4);
    }
}

void expect_one_of(const GraphResult& result, const std::set<int32_t>& statuses,
                   const Graph& graph) {
    RC_ASSERT(statuses.count(result.status) == 1u);
    if (result.status == 0) {
        expect_good(result, graph);
    } else {
        RC_ASSERT(result.completed < graph.tasks.size());
    }
}

RC_GTEST_PROP(SchedulerProperties, a_faulty_graph_ends_with_the_first_error, (const Sizes& sizes)) {
    Drafts tasks = *drafts();
    plant_faults(tasks, any_fault());
    Graph graph = graph_of(tasks, sizes);
    // In virtual time, so it costs nothing; longer than anything in the graph takes.
    graph.watchdog_limit_ns = 20'000'000;
    const std::set<int32_t> statuses = possible_statuses(graph);
    const GraphResult first = run_alone<pto::a2a3::Platform>(graph);
    expect_one_of(first, statuses, graph);
    pto::for_each_platform([&]<class Platform>() {
        const GraphResult result = run_alone<Platform>(graph);
        RC_ASSERT(result.status == first.status);
        RC_ASSERT(result.completed == first.completed);
    });
    expect_one_of(run_on_threads<pto::a5::Platform>(graph, TimeMode::VIRTUAL), statuses, graph);
}

RC_GTEST_PROP(SchedulerProperties, on_threads_a_faulty_graph_ends_with_one_of_the_first_errors,
              (const Sizes& sizes)) {
    Drafts tasks = *drafts();
    plant_faults(tasks, fault_that_ends_a_run_at_once());
    const Graph graph = graph_of(tasks, sizes);
    const std::set<int32_t> statuses = possible_statuses(graph);
    expect_one_of(run_on_threads<pto::a2a3::Platform>(graph), statuses, graph);
    expect_one_of(run_on_threads<Cramped<pto::a5::Platform>>(graph), statuses, graph);
}

}  // namespace
