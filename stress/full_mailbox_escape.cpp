// Job: one, two and three scheduler threads push more messages than the mailbox holds, while now
// and then a consumer stands still with the wait list's lock, so that no thread can make room.
//
// Checked: pushes do meet a full ring, threads that meet one continue, and every run ends as in
// graph_storm: nothing is lost on the way out of a full ring, nothing pushed twice, no deadlock.
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <thread>
#include <utility>

#include "src/a2a3/platform.h"
#include "src/a5/platform.h"
#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphTask;
using stress::Clock;
using stress::Random;
using stress::Run;
using stress::Verdict;
using stress::Worker;

// The contract's numbers, not the code's. All these tasks together push 64 * 64 conditions and 64
// NORMAL_DONEs, which is more than 4096.
constexpr uint32_t conditions_max = 64;
constexpr uint32_t waiting_max = 64;

constexpr uint32_t small_capacity = 32;
constexpr uint32_t threads_max = 3;
constexpr uint32_t clusters_min = 3;
constexpr uint32_t clusters_max = 12;
constexpr uint32_t delay_ns_max = 50'000;
// Refused pushes until the consumer continues.
constexpr uint32_t refusals_max = 200;
constexpr std::chrono::microseconds later_stop_max{2'000};

// The first three with a small mailbox and as many threads, the next three with the real one.
enum State : uint32_t { small_full, real_full = threads_max, ended_while_locked = 2 * threads_max };

struct Shape {
    uint8_t cores;
    int32_t blocks;
};

/// `tasks` tasks with the largest number of conditions, in several or 64 subtasks, or in one if
/// `with_registrations`: those take half as many slots. At most 64 wait at once, as in
/// deferred_storm.
Graph draw_graph(Random& random, uint32_t tasks, bool with_registrations) {
    Graph graph;
    graph.cluster_count = random.between(clusters_min, clusters_max);
    graph.ring_count = 1;
    graph.window = 4 * waiting_max;
    graph.dependency_capacity = 4 * waiting_max;
    for (uint32_t i = 0; i < tasks; ++i) {
        const Shape shape = with_registrations && random.one_in(3)
                                ? random.one_of<Shape>({{1, 1}, {2, 1}})
                                : random.one_of<Shape>({{5, 1}, {6, 2}, {4, 8}, {1, 64}});
        GraphTask task;
        task.cores = shape.cores;
        task.block_num = shape.blocks;
        task.conditions = conditions_max / subtask_count(task);
        task.delay_ns = random.below(delay_ns_max);
        task.has_records = random.one_in(4);
        if (i >= waiting_max) {
            task.after.push_back(i - waiting_max);
        }
        graph.tasks.push_back(std::move(task));
    }
    return graph;
}

template <class Platform>
class Escape {
  public:
    static constexpr bool is_small = Platform::mailbox_capacity == small_capacity;

    void round(Run& run) {
        auto random = run.random(0);
        const uint32_t tasks = is_small
                                   ? random.between(1, 2 * waiting_max)
                                   : random.between(waiting_max, waiting_max + waiting_max / 2);
        Graph graph = draw_graph(random, tasks, is_small);
        // In turn, so that a short pass has them all.
        graph.thread_count = 1 + static_cast<uint32_t>(run.round() / 2 % threads_max);
        stress::GraphRig<Platform>& rig = kept_.rig_for(run, graph, random);
        // The small ring is too small for one subtask's conditions, the real one for all tasks'
        // only if no thread drains it meanwhile.
        const bool stands_still = !is_small || run.round() / (2 * threads_max) % 2 == 0;
        const auto result =
            stands_still ? run_with_a_stopped_consumer(run, rig, graph) : rig.run(graph);
        stress::expect_good(run, graph, result);
        if (result.mpsc_skipped_count != 0) {
            run.own().reached((is_small ? small_full : real_full) + graph.thread_count - 1);
        } else if (stands_still || !is_small) {
            run.fail(Verdict::overfull,
                     "%" PRIu32 " tasks of %" PRIu32 " conditions went into a mailbox of %" PRIu32
                     " slots, and no push met a full one",
                     tasks, conditions_max, Platform::mailbox_capacity);
        }
    }

  private:
    using Rig = stress::GraphRig<Platform>;

    /// The consumer takes the lock before the first push.
    pto::sim::GraphResult run_with_a_stopped_consumer(Run& run, Rig& rig, const Graph& graph) {
        auto& scheduler = rig.scheduler();
        if (!scheduler.wait_list().try_lock()) {
            run.fail(Verdict::left_over, "the lock of a new run's wait list is held");
        }
        return rig.run(graph, [&scheduler](stress::Crew& crew) {
            crew.add("stopped consumer", 1,
                     [&scheduler](Worker& worker, uint32_t) { stand_still(worker, scheduler); });
        });
    }

    /// Once until pushes met a full ring, then again and again for a moment.
    static void stand_still(Worker& worker, typename Rig::Scheduler& scheduler) {
        auto& list = scheduler.wait_list();
        const uint64_t refusals = worker.random().between(1, refusals_max);
        worker.wait_for("holding the wait list's lock until pushes are refused", [&] {
            return list.mpsc_skipped_count.load(std::memory_order_relaxed) >= refusals;
        });
        list.unlock();
        worker.at("holding the wait list's lock now and then");
        while (!scheduler.is_finished() && !scheduler.run().is_stopped()) {
            worker.pause();
            if (list.try_lock()) {
                std::this_thread::sleep_for(later_stop_max * worker.random().below(8) / 8);
                list.unlock();
                worker.reached(ended_while_locked);
            }
            std::this_thread::sleep_for(later_stop_max * worker.random().below(8) / 8);
        }
    }

    stress::KeptRig<Platform> kept_;
};

}  // namespace

STRESS_JOB(full_mailbox_escape,
           {.operation = "a task of 64 conditions completed; latency is a graph's run divided by "
                         "its tasks",
            .states = {"small mailbox full, 1 thread", "small mailbox full, 2 threads",
                       "small mailbox full, 3 threads", "mailbox of 4096 full, 1 thread",
                       "mailbox of 4096 full, 2 threads", "mailbox of 4096 full, 3 threads",
                       "consumer stopped a second time"}}) {
    // The mailbox's size is all that matters; each platform has one, for the compiler's sake.
    Escape<stress::WithRingOf<pto::a2a3::Platform, small_capacity>> small_a2a3;
    Escape<pto::a5::Platform> shipped_a5;
    while (run.next_round()) {
        if (run.round() % 2 == 0) {
            small_a2a3.round(run);
        } else {
            shipped_a5.round(run);
        }
    }
}
