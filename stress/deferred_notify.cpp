// Job: two ranks send each other 16384 numbers and a notification, round after round, with one to
// four scheduler threads per rank and one to four threads that simulate the cores.
//
// Checked: what each rank reads after the task that waits for the notification is what its peer
// sent, to the last bit; both runs end well and leave nothing.
#include <array>
#include <cinttypes>
#include <cstdint>

#include "sim/deferred_notify.h"
#include "src/platforms.h"
#include "stress/support/job.h"

namespace {

using pto::sim::NotifyOutcome;
using stress::Clock;
using stress::Run;
using stress::Verdict;

constexpr uint32_t threads_max = 4;
constexpr uint32_t clusters_max = 4;
constexpr uint64_t tasks_a_rank = 3;

enum State : uint32_t { four_threads, one_cluster };

void expect_good(Run& run, uint32_t rank, const NotifyOutcome& outcome) {
    if (outcome.max_diff != 0) {
        run.fail(Verdict::completed_early,
                 "rank %" PRIu32 " read other numbers than its peer sent, by %g", rank,
                 outcome.max_diff);
    }
    if (outcome.result.status != 0) {
        run.fail(Verdict::wrong_error, "the run of rank %" PRIu32 " ended with status %" PRId32,
                 rank, outcome.result.status);
    }
    if (outcome.result.completed != tasks_a_rank || !outcome.result.is_clean) {
        run.fail(Verdict::left_over, "rank %" PRIu32 ": %" PRIu64 " tasks completed, %s", rank,
                 outcome.result.completed,
                 outcome.result.is_clean ? "nothing left" : "something left in the scheduler");
    }
}

template <class Platform>
void exchange(Run& run) {
    auto random = run.random(0);
    const uint32_t threads = random.between(1, threads_max);
    const uint32_t clusters = random.between(1, clusters_max);
    const uint32_t workers = random.between(1, 4);
    pto::sim::Random numbers(random.next());
    run.own().at("an exchange between two ranks");
    const auto begin = Clock::now();
    const std::array<NotifyOutcome, pto::sim::notify_ranks> outcomes =
        pto::sim::run_deferred_notify<Platform>(
            {.cluster_count = clusters, .worker_count = workers}, threads, numbers);
    run.own().done_since(begin);
    for (uint32_t rank = 0; rank < outcomes.size(); ++rank) {
        expect_good(run, rank, outcomes[rank]);
    }
    if (threads == threads_max) {
        run.own().reached(four_threads);
    }
    if (clusters == 1) {
        run.own().reached(one_cluster);
    }
    run.own().end();
}

}  // namespace

STRESS_JOB(deferred_notify,
           {.operation = "an exchange between both ranks, machine and schedulers included",
            .states = {"four scheduler threads a rank", "one cluster a rank"}}) {
    while (run.next_round()) {
        pto::for_platform(run.round() % pto::platform_count,
                          [&run]<class Platform>() { exchange<Platform>(run); });
    }
}
