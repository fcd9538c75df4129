// The scheduler's benchmark with a planted fault in place of the baseline, to show that it notices.
//
//   bench_scheduler_faulty FAULT [options of bench_scheduler]
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "bench/scheduler/cases.h"
#include "bench/scheduler/wrapped_completion.h"

namespace bench {
namespace {

enum class Fault : uint8_t { NONE, EARLY, ERROR, SKIPPED };

template <Fault fault>
class Faulty final : public WrappedCompletion<Platform> {
  public:
    using WrappedCompletion::WrappedCompletion;

    void complete_slot_task(Slot& slot, pto::DeferredCompletionSlab& slab,
                            Thread& thread) noexcept {
        if (fault == Fault::EARLY) {
            slab.count = 0;
        }
        if (fault == Fault::ERROR && slot.task->task_id.local() == 777) {
            parts_.run.latch_error(pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID);
        }
        if (fault == Fault::SKIPPED && slot.task->task_id.local() == 777) {
            // Relaxed: a count for people.
            parts_.wait_list.mpsc_skipped_count.fetch_add(1, std::memory_order_relaxed);
        }
        product_.complete_slot_task(slot, slab, thread);
    }

    bool has_conditions() const noexcept { return product_.has_conditions(); }
};

template <Fault fault>
int run_with(int argc, char** argv) {
    return run_all<pto::SchedulerCompletion<Platform>, Faulty<fault>>(argc, argv);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    using bench::Fault;
    const std::string_view fault = argc > 1 ? argv[1] : "";
    // What is left of the command line is as for bench_scheduler.
    --argc;
    ++argv;
    if (fault == "none") {
        return bench::run_with<Fault::NONE>(argc, argv);
    }
    if (fault == "early") {
        return bench::run_with<Fault::EARLY>(argc, argv);
    }
    if (fault == "error") {
        return bench::run_with<Fault::ERROR>(argc, argv);
    }
    if (fault == "skipped") {
        return bench::run_with<Fault::SKIPPED>(argc, argv);
    }
    std::fprintf(stderr, "usage: bench_scheduler_faulty none|early|error|skipped\n");
    return 2;
}
