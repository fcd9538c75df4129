// Job: graphs in which one to three tasks fail, with every kind of fault, while all threads are
// busy; after each graph the same scheduler is reset and runs a graph without faults.
//
// Checked: every such run ends with the code of one of its faults (which one comes first depends
// on timing), no subtask runs twice, every core is told to leave; and the run after it is as
// good as in graph_storm.
#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/random_graph.h"
#include "src/a2a3/platform.h"
#include "src/a5/platform.h"
#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphFault;
using pto::sim::GraphResult;
using pto::sim::GraphTask;
using stress::Random;
using stress::Run;
using stress::Verdict;

// The contract's numbers, not the code's.
constexpr int32_t timed_out = 100;
constexpr int32_t condition_invalid = 101;
constexpr int32_t too_many_in_a_slab = 102;
constexpr int32_t registration_failed = 103;
constexpr uint32_t conditions_max = 64;

constexpr uint32_t tasks_max = 100;
constexpr uint32_t threads_max = 4;
constexpr uint32_t faults_max = 3;
constexpr uint32_t small_capacity = 32;
// The limit with a core or an engine that never answers. Other runs wait longer than any machine
// needs, so 100 is always wrong there.
constexpr uint64_t short_patience_ns = 20'000'000;

enum State : uint32_t {
    kernel_code,
    code_100,
    code_101,
    code_102,
    code_103,
    several_faults,
    four_threads,
    full_ring
};

/// Puts a fault into one subtask of a task, or into all.
void add_fault(GraphTask& task, Random& random) {
    task.fault =
        static_cast<GraphFault>(random.between(1, static_cast<uint32_t>(GraphFault::NEVER_FIN)));
    task.fault_subtask =
        random.one_in(2) ? -1 : static_cast<int32_t>(random.below(subtask_count(task)));
    if (task.fault == GraphFault::SLAB_ERROR) {
        const auto code = static_cast<int32_t>(random.between(1, 99));
        task.fault_code = random.one_in(2) ? code : -code;
    }
    if (task.fault == GraphFault::LOST_CONDITION && task.conditions == 0) {
        task.conditions = 1;
        task.block_num = 1;
        task.fault_subtask = -1;
    }
}

/// Adds faults; false when the graph has nothing but dummies.
bool add_faults(Graph& graph, Random& random) {
    std::vector<uint32_t> candidates;
    for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
        if (graph.tasks[i].cores != 0) {
            candidates.push_back(i);
        }
    }
    if (candidates.empty()) {
        return false;
    }
    for (uint32_t faults = random.between(1, faults_max); faults != 0; --faults) {
        const uint32_t place = random.below(static_cast<uint32_t>(candidates.size()));
        add_fault(graph.tasks[candidates[place]], random);
    }
    return true;
}

bool hangs(const GraphTask& task) {
    return task.fault == GraphFault::LOST_CONDITION || task.fault == GraphFault::NEVER_ACK ||
           task.fault == GraphFault::NEVER_FIN;
}

/// May a run end with this status because of this task?
bool deserves(const GraphTask& task, int32_t status) {
    switch (task.fault) {
        case GraphFault::NONE:
            return false;
        case GraphFault::SLAB_ERROR:
            return status == (task.fault_code > 0 ? -task.fault_code : task.fault_code);
        case GraphFault::SLAB_OVERFULL:
            return status == -too_many_in_a_slab;
        case GraphFault::SLAB_CORRUPT:
            return status == -registration_failed;
        case GraphFault::LOST_CONDITION:
        case GraphFault::NEVER_ACK:
        case GraphFault::NEVER_FIN:
            return status == -timed_out;
        case GraphFault::NULL_CONDITION:
        case GraphFault::MISALIGNED_CONDITION:
        case GraphFault::UNKNOWN_CONDITION:
            break;
    }
    // The wrong condition comes on top of the right ones, and may be one too many.
    const uint32_t subtasks = subtask_count(task);
    const uint32_t in_all = subtasks * task.conditions + (task.fault_subtask < 0 ? subtasks : 1);
    return status == -condition_invalid ||
           (status == -too_many_in_a_slab && task.conditions == conditions_max) ||
           (status == -registration_failed && in_all > conditions_max);
}

template <class Platform>
class Storm {
  public:
    void round(Run& run) {
        auto random = run.random(0);
        Graph faulty = draw_faulty(random);
        auto& rig = kept_.rig_for(run, faulty, random);
        const bool hang = std::any_of(faulty.tasks.begin(), faulty.tasks.end(), hangs);
        rig.scheduler().set_watchdog_limit(hang ? short_patience_ns : stress::patience_ns);
        const GraphResult result = rig.run(faulty);
        expect_error(run, faulty, result);
        note_states(run, faulty, result);

        Graph good = draw(random);
        if (!rig.adapt(good)) {
            good = faulty;
            for (GraphTask& task : good.tasks) {
                task.fault = GraphFault::NONE;
            }
        }
        rig.scheduler().set_watchdog_limit(stress::patience_ns);
        rig.renew(0);
        stress::expect_good(run, good, rig.run(good));
    }

  private:
    static Graph draw(Random& random) {
        Graph graph = pto::sim::random_graph(random.next(), random.between(1, tasks_max),
                                             {.has_records = true});
        graph.thread_count = random.between(1, threads_max);
        return graph;
    }

    static Graph draw_faulty(Random& random) {
        Graph graph = draw(random);
        while (!add_faults(graph, random)) {
            graph = draw(random);
        }
        return graph;
    }

    static void expect_error(Run& run, const Graph& graph, const GraphResult& result) {
        if (std::none_of(graph.tasks.begin(), graph.tasks.end(),
                         [&](const GraphTask& task) { return deserves(task, result.status); })) {
            run.fail(Verdict::wrong_error,
                     "a run ended with status %" PRId32
                     ", which belongs to none of its faults (%s)",
                     result.status, faults_of(graph).c_str());
        }
        for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
            if (result.runs[i] > subtask_count(graph.tasks[i])) {
                run.fail(Verdict::duplicated,
                         "%" PRIu32 " subtasks of task %" PRIu32 " ran, which has %" PRIu32,
                         result.runs[i], i, subtask_count(graph.tasks[i]));
            }
        }
    }

    static std::string faults_of(const Graph& graph) {
        std::string text;
        for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
            const GraphTask& task = graph.tasks[i];
            if (task.fault != GraphFault::NONE) {
                text += (text.empty() ? "task " : ", task ") + std::to_string(i) + ": fault " +
                        std::to_string(static_cast<uint32_t>(task.fault)) + " with code " +
                        std::to_string(task.fault_code);
            }
        }
        return text;
    }

    static void note_states(Run& run, const Graph& graph, const GraphResult& result) {
        run.own().reached(state_of(result.status));
        if (std::count_if(graph.tasks.begin(), graph.tasks.end(), [](const GraphTask& task) {
                return task.fault != GraphFault::NONE;
            }) > 1) {
            run.own().reached(several_faults);
        }
        if (graph.thread_count == threads_max) {
            run.own().reached(four_threads);
        }
        if (result.mpsc_skipped_count != 0) {
            run.own().reached(full_ring);
        }
    }

    static State state_of(int32_t status) {
        switch (-status) {
            case timed_out:
                return code_100;
            case condition_invalid:
                return code_101;
            case too_many_in_a_slab:
                return code_102;
            case registration_failed:
                return code_103;
            default:
                return kernel_code;
        }
    }

    stress::KeptRig<Platform> kept_;
};

}  // namespace

STRESS_JOB(error_storm,
           {.operation = "a task completed, in faulty graphs too; latency is a graph's run divided "
                         "by these tasks",
            .states = {"a kernel's own code", "100", "101", "102", "103", "several faults",
                       "four scheduler threads", "full mailbox in a faulty run"}}) {
    // The mailbox's size is all that matters; each platform has one, for the compiler's sake.
    Storm<stress::WithRingOf<pto::a2a3::Platform, small_capacity>> small_a2a3;
    Storm<pto::a5::Platform> shipped_a5;
    while (run.next_round()) {
        if (run.round() % 2 == 0) {
            small_a2a3.round(run);
        } else {
            shipped_a5.round(run);
        }
    }
}
