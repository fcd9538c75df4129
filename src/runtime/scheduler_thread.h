// The state that belongs to one scheduler thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_assert.h"
#include "pto_constants.h"
#include "ready_queues.h"
#include "task_slot.h"
#include "watchdog.h"

namespace pto {

/// The private state of a scheduler thread; the three counts may be read by any thread.
template <class Platform>
struct alignas(PTO2_ALIGN_SIZE) SchedulerThread {
    using Slot = PTO2TaskSlotState<Platform>;

    SchedulerThread(uint32_t thread_index, uint64_t watchdog_limit_ns)
        : index(thread_index), watchdog(watchdog_limit_ns) {}

    /// Counts tasks that this thread completed.
    void add_completed(int32_t tasks) noexcept {
        PTO_ASSERT(tasks >= 0, tasks);
        // Release: pairs with the acquire load in SchedulerCompletion::completed(); a run that
        // is seen to have ended has done all its tasks' work.
        completed.store(completed.load(std::memory_order_relaxed) + static_cast<uint64_t>(tasks),
                        std::memory_order_release);
    }

    /// Counts progress of this thread that completed no task.
    void add_progress() noexcept {
        // Relaxed: a hint for the watchdog.
        progress.store(progress.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// Shows how many releases this thread keeps, at the end of a turn.
    void show_releases() noexcept {
        // Relaxed: for a diagnosis.
        releases_shown.store(release_count, std::memory_order_relaxed);
    }

    /// Forgets the run. Quiescent only.
    void reset() noexcept {
        release_count = 0;
        for (auto& kept : ready.of_shape) {
            kept.count = 0;
        }
        watchdog.pause();
        // Relaxed, all: quiescence orders them before every later call.
        releases_shown.store(0, std::memory_order_relaxed);
        completed.store(0, std::memory_order_relaxed);
        progress.store(0, std::memory_order_relaxed);
    }

    const uint32_t index;
    Watchdog watchdog;
    PTO2LocalReadyBuffer<Platform> ready;
    /// Completed tasks that are not released yet.
    Slot* releases[PTO2_DEFERRED_RELEASE_CAP];
    int32_t release_count = 0;
    // Stored by this thread only.
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> completed = 0;
    std::atomic<uint64_t> progress = 0;
    std::atomic<int32_t> releases_shown = 0;
};

}  // namespace pto
