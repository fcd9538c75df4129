// Cores without a simulator: a kernel is over when its doorbell has rung. The word is an ACK at the
// next read and a FIN at the one after, so that all of the register protocol is used.
//
// Time is counted in reads of a core's word, on a clock for each scheduler thread; a condition is a
// time on that clock that has not come yet. So what is measured is the scheduler, and a run does
// not depend on how fast the machine is.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <thread>
#include <vector>

#include "bench/scheduler/ledger.h"
#include "src/runtime/core_interface.h"
#include "src/runtime/core_register.h"
#include "src/runtime/spin_hint.h"

namespace bench {

class InstantCores final : public pto::CoreInterface {
  public:
    /// A turn without anything to do lasts as long as this number of reads.
    static constexpr uint32_t reads_per_idle_turn = 16;

    InstantCores(uint32_t clusters, uint32_t threads)
        : clusters_(clusters),
          cores_(size_t{clusters} * pto::CORES_PER_CLUSTER),
          clocks_(threads + 1) {
        for (uint32_t i = 0; i < cores_.size(); ++i) {
            // As the scheduler deals its clusters out.
            cores_[i].clock = &clocks_[i / pto::CORES_PER_CLUSTER % threads].now;
        }
    }

    /// Starts the clocks anew. Conditions hold this number of reads after their kernel's end; the
    /// next run is judged by `ledger`, unless that is null.
    void begin(uint32_t engine_reads, Ledger* ledger) {
        engine_reads_ = engine_reads;
        ledger_ = ledger;
        for (Clock& clock : clocks_) {
            // Relaxed: no thread is running.
            clock.now.store(0, std::memory_order_relaxed);
        }
    }

    /// Gives the processor away in idle turns: for threads that share processors.
    void set_yields(bool yields) { yields_ = yields; }

    uint32_t cluster_count() const noexcept override { return clusters_; }

    uint32_t read_status(uint32_t number) noexcept override {
        Core& core = cores_[number];
        pass(*core.clock, 1);
        const uint32_t word = core.word;
        core.word |= pto::AICORE_REG_FIN;
        return word;
    }

    void ring_doorbell(uint32_t number, uint32_t id) noexcept override {
        Core& core = cores_[number];
        if (!pto::is_dispatch_id(id)) {
            core.word = id == pto::AICORE_DOORBELL_EXIT ? pto::AICORE_STATUS_EXITED
                                                        : pto::AICORE_STATUS_IDLE;
            return;
        }
        const pto::DispatchPayload& payload = core.payloads[id & 1];
        const uint32_t due = core.clock->load(std::memory_order_relaxed) + engine_reads_;
        const auto conditions = static_cast<uint32_t>(payload.kernel_addr);
        if (ledger_ != nullptr) {
            ledger_->begin(payload.args_addr);
            ledger_->end(payload.args_addr, payload.block_index,
                         {conditions == 0 ? nullptr : core.clock, due});
        }
        leave_conditions(core, core.slabs[id & 1], conditions, due);
        core.word = id;
    }

    pto::DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].slabs[parity];
    }
    pto::DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].payloads[parity];
    }

    /// For the watchdog. Coarse, since it is asked in every idle turn.
    uint64_t now_ns() noexcept override {
        timespec now;
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
               static_cast<uint64_t>(now.tv_nsec);
    }

    void idle(uint32_t thread) noexcept override {
        pass(clocks_[thread].now, reads_per_idle_turn);
        if (yields_) {
            std::this_thread::yield();
        } else {
            pto::spin_hint();
        }
    }

  private:
    struct alignas(pto::PTO2_ALIGN_SIZE) Core {
        uint32_t word = pto::AICORE_STATUS_IDLE;
        std::atomic<uint32_t>* clock = nullptr;
        pto::DispatchPayload payloads[2] = {};
        pto::DeferredCompletionSlab slabs[2] = {};
    };

    /// One for each scheduler thread, and one for the submitting thread, which no thread reads.
    struct alignas(pto::PTO2_ALIGN_SIZE) Clock {
        std::atomic<uint32_t> now = 0;
    };

    static void pass(std::atomic<uint32_t>& clock, uint32_t reads) noexcept {
        // Release: pairs with the acquire load in read_engine_word(). One thread stores.
        clock.store(clock.load(std::memory_order_relaxed) + reads, std::memory_order_release);
    }

    static void leave_conditions(const Core& core, pto::DeferredCompletionSlab& slab,
                                 uint32_t count, uint32_t due) noexcept {
        for (uint32_t i = 0; i < count; ++i) {
            slab.entries[i] = {reinterpret_cast<uintptr_t>(core.clock),
                               0,
                               due,
                               pto::COMPLETION_ENGINE_ROCE,
                               pto::COMPLETION_TYPE_COUNTER,
                               0};
        }
        slab.count = count;
    }

    const uint32_t clusters_;
    std::vector<Core> cores_;
    std::vector<Clock> clocks_;
    uint32_t engine_reads_ = 0;
    Ledger* ledger_ = nullptr;
    bool yields_ = false;
};

}  // namespace bench
