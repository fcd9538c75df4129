// Job: a producer stops between its claim and the publication while a scheduler runs a graph.
//
// Checked: the drain stops exactly there, so no task with conditions completes; every other task
// does. Once the tickets are published the run continues and ends well. If they are not, the
// watchdog ends the run with 100, and the same scheduler runs a good graph after its reset.
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphResult;
using pto::sim::GraphTask;
using stress::Clock;
using stress::Random;
using stress::Run;
using stress::Verdict;
using stress::Worker;

// The contract's number, not the code's.
constexpr int32_t timed_out = 100;

constexpr uint32_t tasks_max = 60;
constexpr uint32_t threads_max = 4;
constexpr uint32_t clusters_max = 4;
constexpr uint32_t tickets_max = 4;
constexpr uint32_t rest_us_max = 2'000;
constexpr uint64_t short_patience_ns = 50'000'000;
constexpr std::chrono::seconds completion_wait_max{6};

enum State : uint32_t { went_on, went_on_in_two_steps, ended_with_100, all_others_first };

/// What a round runs.
struct Plan {
    Graph graph;
    /// The task that the unpublished messages are about. It leaves a condition of its own too, so
    /// its NORMAL_DONE comes through the mailbox.
    uint32_t task = 0;
    /// Tasks that neither leave conditions nor come after one that does.
    uint64_t free_tasks = 0;
};

Plan draw_plan(Random& random) {
    Plan plan;
    plan.graph.thread_count = random.between(1, threads_max);
    plan.graph.cluster_count = random.between(1, clusters_max);
    plan.graph.ring_count = 1;
    // No scope ends before all is submitted.
    plan.graph.window = 64;
    plan.graph.dependency_capacity = 128;
    const uint32_t tasks = random.between(2, tasks_max);
    plan.task = random.below(tasks);
    std::vector<bool> is_held(tasks);
    for (uint32_t i = 0; i < tasks; ++i) {
        GraphTask task;
        task.cores = static_cast<uint8_t>(random.between(1, pto::SUBTASK_MASK_ALL));
        // A task of one subtask registers all at once, and takes no messages of others.
        task.block_num = static_cast<int32_t>(random.between(i == plan.task ? 2 : 1, 3));
        task.duration_ns = random.below(5'000);
        task.conditions = i == plan.task || random.one_in(4) ? random.between(1, 3) : 0;
        task.delay_ns = random.below(20'000);
        for (uint32_t count = random.below(3); count != 0 && i != 0; --count) {
            task.after.push_back(random.below(i));
        }
        is_held[i] = task.conditions != 0;
        for (const uint32_t producer : task.after) {
            is_held[i] = is_held[i] || is_held[producer];
        }
        plan.free_tasks += is_held[i] ? 0U : 1U;
        plan.graph.tasks.push_back(std::move(task));
    }
    return plan;
}

template <class Platform>
class Stall {
  public:
    using Rig = stress::GraphRig<Platform>;

    /// The rig is renewed; its tasks are numbered from `first_task` on.
    Stall(Run& run, Rig& rig, const Plan& plan, uint64_t first_task)
        : run_(run),
          scheduler_(rig.scheduler()),
          rig_(rig),
          plan_(plan),
          token_(pto::PTO2TaskId::make(0, static_cast<uint32_t>(first_task + plan.task))) {}

    /// The tickets are published while the run waits for them.
    void publish_in_time() {
        claim();
        const GraphResult result = rig_.run(plan_.graph, [this](stress::Crew& crew) {
            crew.add("stalled producer", 1, [this](Worker& worker, uint32_t) { resume(worker); });
        });
        stress::expect_good(run_, plan_.graph, result);
    }

    /// They are published only after the run has ended.
    void publish_too_late() {
        claim();
        scheduler_.set_watchdog_limit(short_patience_ns);
        typename Rig::GraphRun graph_run(plan_.graph, rig_.machine(), scheduler_);
        uint64_t completed = 0;
        const GraphResult result = rig_.run(
            graph_run, [](stress::Crew&) {},
            [&] {
                completed = scheduler_.completion().completed();
                expect_held();
                // A ring with an unpublished ticket could not be restarted.
                publish(0, claimed_);
            });
        scheduler_.set_watchdog_limit(stress::patience_ns);
        if (result.status != -timed_out) {
            run_.fail(Verdict::wrong_error,
                      "with a ticket that stays unpublished, a run ended with status %" PRId32,
                      result.status);
        }
        run_.own().reached(ended_with_100);
        // On a slow machine the limit may be over before the others are done.
        if (completed == plan_.free_tasks) {
            run_.own().reached(all_others_first);
        }
    }

  private:
    /// Before the run, so that everything that its tasks push comes after these tickets.
    void claim() {
        const uint32_t wanted = run_.random(1).between(1, tickets_max);
        claimed_ = scheduler_.mailbox().try_claim(wanted, ticket_);
        if (claimed_ != wanted) {
            run_.fail(Verdict::refused_with_room,
                      "%" PRIu32 " of %" PRIu32 " tickets were claimed in an empty mailbox",
                      claimed_, wanted);
        }
    }

    void publish(uint32_t begin, uint32_t end) {
        for (uint32_t i = begin; i < end; ++i) {
            scheduler_.mailbox().publish(
                ticket_ + i,
                {token_, reinterpret_cast<uintptr_t>(&counter_), 1, pto::COMPLETION_ENGINE_ROCE,
                 pto::COMPLETION_TYPE_COUNTER, pto::MSG_KIND_CONDITION});
        }
    }

    void resume(Worker& worker) {
        await_others(worker);
        rest(worker);
        expect_held();
        if (claimed_ > 1) {
            // The later ones let no thread continue.
            publish(1, claimed_);
            rest(worker);
            expect_held();
            worker.reached(went_on_in_two_steps);
        }
        worker.at("publishing");
        publish(0, 1);
        worker.pause();
        // Release: pairs with the acquire load in read_engine_word().
        std::atomic_ref<uint32_t>(counter_).store(1, std::memory_order_release);
        worker.reached(went_on);
    }

    void await_others(Worker& worker) {
        const auto begin = Clock::now();
        worker.wait_for("stopped, until all that need not wait have completed", [&] {
            const uint64_t completed = scheduler_.completion().completed();
            if (completed != plan_.free_tasks && Clock::now() - begin > completion_wait_max) {
                run_.fail(Verdict::never_completed,
                          "with a stopped producer, %" PRIu64 " tasks completed, of %" PRIu64
                          " that need no message",
                          completed, plan_.free_tasks);
            }
            return completed >= plan_.free_tasks;
        });
    }

    void rest(Worker& worker) {
        worker.at("stopped between claim and publication");
        std::this_thread::sleep_for(std::chrono::microseconds(worker.random().below(rest_us_max)));
    }

    /// Is the consumer where it has to be, and no task completed that needs a message from there?
    void expect_held() {
        const uint64_t tail = scheduler_.mailbox().tail.load(std::memory_order_relaxed);
        const uint64_t completed = scheduler_.completion().completed();
        if (tail != ticket_) {
            run_.fail(Verdict::passed_a_gap,
                      "the consumer is at ticket %" PRIu64 ", though ticket %" PRIu64
                      " is not published",
                      tail, ticket_);
        }
        if (completed > plan_.free_tasks) {
            run_.fail(Verdict::completed_early,
                      "%" PRIu64 " tasks completed, of %" PRIu64 " that need no message", completed,
                      plan_.free_tasks);
        }
    }

    Run& run_;
    typename Rig::Scheduler& scheduler_;
    Rig& rig_;
    const Plan& plan_;
    const pto::PTO2TaskId token_;
    uint64_t ticket_ = 0;
    uint32_t claimed_ = 0;
    uint32_t counter_ = 0;  ///< what the unpublished conditions wait for
};

template <class Platform>
class StalledScheduler {
  public:
    void round(Run& run) {
        auto random = run.random(0);
        Plan plan = draw_plan(random);
        auto& rig = kept_.rig_for(run, plan.graph, random);
        if (random.one_in(4)) {
            Stall<Platform>(run, rig, plan, kept_.first_task()).publish_too_late();
            rig.renew(0);
            stress::expect_good(run, plan.graph, rig.run(plan.graph));
        } else {
            Stall<Platform>(run, rig, plan, kept_.first_task()).publish_in_time();
        }
    }

  private:
    stress::KeptRig<Platform> kept_;
};

}  // namespace

STRESS_JOB(stalled_scheduler,
           {.operation = "a task completed; latency is a graph's run, the stall included, divided "
                         "by its tasks",
            .states = {"published in time", "published in two steps", "ended with 100",
                       "ended with 100, all others done"}}) {
    stress::take_turns<StalledScheduler>(run);
}
