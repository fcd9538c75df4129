// Jobs that do one wrong thing each, on purpose. The comments after a job are what FileCheck must
// find in its output. Jobs run one at a time, never in a normal run.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "src/a2a3/scheduler.h"
#include "stress/support/crew.h"
#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/traffic.h"

namespace {

using stress::Arrivals;
using stress::Origin;
using stress::Run;
using stress::Worker;

constexpr uint32_t pushed = 10;

pto::AICoreCompletionMsgView message_of(const Origin& origin) {
    const pto::DeferredCompletionEntry entry = stress::entry_of(origin);
    return {origin.word(),         entry.addr,
            entry.expected_value,  entry.engine,
            entry.completion_type, pto::MSG_KIND_CONDITION,
            entry.backend_cookie};
}

/// A round in which producer 0 pushed ten messages and `numbers` arrived.
void arrive(Run& run, const std::vector<uint32_t>& numbers) {
    run.next_round();
    Arrivals arrivals(run, 1);
    for (const uint32_t number : numbers) {
        arrivals.accept(message_of({run.round(), 0, number}));
    }
    arrivals.finish({pushed});
}

void arrive_one(Run& run, const pto::AICoreCompletionMsgView& message) {
    Arrivals(run, 1).accept(message);
}

}  // namespace

STRESS_JOB(arrives_complete, {.operation = "none"}) { arrive(run, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}); }

STRESS_JOB(loses_one, {.operation = "none"}) { arrive(run, {0, 1, 2, 4, 5, 6, 7, 8, 9}); }
// loses_one-NOT: loses_one: ok
// loses_one: FINDING loses_one: lost: message 3 of producer 0
// loses_one-NOT: loses_one: ok
// loses_one: exit status 1

STRESS_JOB(loses_the_last, {.operation = "none"}) { arrive(run, {0, 1, 2, 3, 4, 5, 6, 7, 8}); }
// loses_the_last-NOT: loses_the_last: ok
// loses_the_last: FINDING loses_the_last: lost: message 9 of producer 0
// loses_the_last-NOT: loses_the_last: ok
// loses_the_last: exit status 1

STRESS_JOB(repeats, {.operation = "none"}) { arrive(run, {0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9}); }
// repeats-NOT: repeats: ok
// repeats: FINDING repeats: duplicated: message 2 of producer 0
// repeats-NOT: repeats: ok
// repeats: exit status 1

STRESS_JOB(reorders, {.operation = "none"}) { arrive(run, {0, 1, 3, 2, 4, 5, 6, 7, 8, 9}); }
// reorders-NOT: reorders: ok
// reorders: FINDING reorders: reordered: message 2 of producer 0
// reorders-NOT: reorders: ok
// reorders: exit status 1

STRESS_JOB(invents, {.operation = "none"}) { arrive(run, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}); }
// invents-NOT: invents: ok
// invents: FINDING invents: invented:
// invents-NOT: invents: ok
// invents: exit status 1

STRESS_JOB(brings_an_old_one, {.operation = "none"}) {
    run.next_round();
    arrive_one(run, message_of({run.round() + 1, 0, 0}));
}
// brings_an_old_one-NOT: brings_an_old_one: ok
// brings_an_old_one: FINDING brings_an_old_one: invented:
// brings_an_old_one-NOT: brings_an_old_one: ok
// brings_an_old_one: exit status 1

STRESS_JOB(tears, {.operation = "none"}) {
    run.next_round();
    pto::AICoreCompletionMsgView message = message_of({run.round(), 0, 0});
    message.engine ^= 1;
    arrive_one(run, message);
}
// tears-NOT: tears: ok
// tears: FINDING tears: torn: message 0 of producer 0
// tears-NOT: tears: ok
// tears: exit status 1

STRESS_JOB(stands_still, {.operation = "none"}) {
    run.next_round();
    const std::atomic<bool> is_raised{false};
    stress::Crew crew(run);
    crew.add("waiter", 1, [&](Worker& worker, uint32_t) {
        worker.wait_for("waiting forever", [&] { return is_raised.load(); });
    });
    crew.work_together();
}
// stands_still-NOT: stands_still: ok
// stands_still: waiter 0: at waiting forever, 0 operations done
// stands_still-NOT: stands_still: ok
// stands_still: exit status 1

STRESS_JOB(stands_in_a_run, {.operation = "a task"}) {
    run.next_round();
    pto::sim::Graph graph;
    graph.cluster_count = graph.thread_count = graph.ring_count = 1;
    graph.window = graph.dependency_capacity = 4;
    graph.tasks.push_back({.cores = pto::SUBTASK_AIC, .fault = pto::sim::GraphFault::NEVER_ACK});
    stress::GraphRig<pto::a2a3::Platform> rig(run, graph, 1);
    rig.run(graph);
}
// stands_in_a_run-NOT: stands_in_a_run: ok
// stands_in_a_run: FINDING stands_in_a_run: hang: no thread has finished an operation for 1 s
// stands_in_a_run: diagnosis: 0 of 1 tasks completed, submission finished
// stands_in_a_run: core without ACK: 1; fix:
// stands_in_a_run: core 0 (aic of cluster 0): task 0:0, dispatch 0; it says idle
// stands_in_a_run-NOT: stands_in_a_run: ok
// stands_in_a_run: exit status 1

STRESS_JOB(never_ends, {.operation = "a turn"}) {
    while (run.next_round() || run.time_is_up()) {
        run.own().done();
    }
}
// never_ends-NOT: never_ends: ok
// never_ends: FINDING never_ends: hang: the run has not ended 1 s after its time
// never_ends-NOT: never_ends: ok
// never_ends: exit status 1

// The moon rises after the run's second, and after its overtime as well.
STRESS_JOB(reaches_it_late, {.operation = "a turn", .states = {"full moon"}}) {
    while (run.next_round()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        run.own().done();
        if (run.round() == 60) {
            run.own().reached(0);
        }
    }
}

STRESS_JOB(reaches_nothing, {.operation = "a turn", .states = {"full moon"}}) {
    while (run.next_round()) {
        run.own().done();
    }
}
// reaches_nothing-NOT: reaches_nothing: ok
// reaches_nothing: FINDING reaches_nothing: unreached: full moon: never reached
// reaches_nothing-NOT: reaches_nothing: ok
// reaches_nothing: exit status 1

STRESS_JOB(races, {.operation = "none"}) {
    run.next_round();
    auto counter = std::make_unique<int>(0);
    stress::Crew crew(run);
    crew.add("racer", 2, [&](Worker&, uint32_t) {
        for (int i = 0; i < 1000; ++i) {
            ++*counter;
        }
    });
    crew.work_together();
}
// races-NOT: races: ok
// races: reproduce: ./mailproof stress races --build tsan --seconds 1
// races-NOT: races: ok
// races: exit status 66

STRESS_JOB(reads_past_the_end, {.operation = "none"}) {
    run.next_round();
    const std::vector<char> bytes(8);
    const volatile char* const data = bytes.data();
    volatile size_t index = 8;
    static_cast<void>(data[index]);
}
// reads_past_the_end-NOT: reads_past_the_end: ok
// reads_past_the_end: AddressSanitizer: heap-buffer-overflow
// reads_past_the_end-NOT: reads_past_the_end: ok
// reads_past_the_end: exit status 1
