// One rank at work: a scheduler with threads of its own, for programs that submit their tasks
// themselves.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "caches.h"
#include "kernel.h"
#include "machine.h"
#include "src/runtime/pto_assert.h"
#include "src/runtime/scheduler.h"

namespace pto::sim {

/// How a rank's run ended.
struct RankResult {
    int32_t status;
    uint64_t completed;
    bool is_clean;
    uint64_t mpsc_skipped_count;  ///< push attempts that met a full mailbox
    std::string diagnosis;        ///< what held the run up, if it ended with -100
};

/// A scheduler on one rank of a machine. Used by one thread: start(), submit() as often as wanted,
/// finish_submission(), wait().
template <class Platform>
class RankRun {
  public:
    RankRun(Machine& machine, uint32_t rank, uint32_t thread_count)
        : rank_(machine.rank(rank)), scheduler_(rank_, config_for(thread_count)) {
        rank_.use_caches(!Platform::has_coherent_caches);
    }

    /// Starts the scheduler threads. From here on the clock of virtual time waits for the calling
    /// thread too.
    void start() {
        PTO_ASSERT(threads_.empty(), threads_.size());
        const uint32_t submitter = scheduler_.thread_count();
        for (uint32_t i = 0; i <= submitter; ++i) {
            rank_.join(i);
        }
        for (uint32_t i = 0; i < submitter; ++i) {
            threads_.emplace_back([this, i] {
                const CacheModel::Use use(rank_.caches());
                scheduler_.run_thread(i);
                rank_.leave(i);
            });
        }
    }

    /// Submits a dummy. A refusal ends the run.
    PTO2TaskId submit_dummy(std::initializer_list<PTO2TaskId> after) {
        return submit({.dependencies = {after.begin(), after.size()}});
    }

    /// Submits a task that runs `kernel` on one vector core.
    PTO2TaskId submit_kernel(Kernel& kernel, std::initializer_list<PTO2TaskId> after) {
        return submit({.active_mask = SUBTASK_AIV0,
                       .kernel_addr = reinterpret_cast<uintptr_t>(&kernel),
                       .dependencies = {after.begin(), after.size()}});
    }

    void finish_submission() {
        scheduler_.submission().finish();
        rank_.leave(scheduler_.thread_count());
    }

    RankResult wait() {
        PTO_ASSERT(!threads_.empty());
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
        const int32_t status = scheduler_.finish_run();
        const Diagnosis* const diagnosis = scheduler_.diagnosis();
        return {status, scheduler_.completion().completed(), scheduler_.is_clean(),
                scheduler_.wait_list().mpsc_skipped_count.load(std::memory_order_relaxed),
                diagnosis == nullptr ? "" : diagnosis->text()};
    }

  private:
    static SchedulerConfig config_for(uint32_t thread_count) {
        SchedulerConfig config;
        config.thread_count = thread_count;
        // These programs have a handful of tasks.
        config.window = 64;
        config.dependency_capacity = 256;
        config.ready_queue_capacity = uint64_t{64} * MAX_RING_DEPTH;
        return config;
    }

    PTO2TaskId submit(const TaskSpec& spec) {
        const SubmitResult result = scheduler_.submission().submit_task(spec);
        if (result.error_code != PTO2_ERROR_NONE) {
            scheduler_.run().latch_error(result.error_code);
        }
        return result.task_id;
    }

    Rank& rank_;
    Scheduler<Simulated<Platform>> scheduler_;
    std::vector<std::thread> threads_;
};

}  // namespace pto::sim
