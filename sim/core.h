// A simulated core: obeys the register protocol, and runs kernels that are C++ objects.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "caches.h"
#include "kernel.h"
#include "src/runtime/aicore_completion_mailbox_types.h"
#include "src/runtime/core_interface.h"
#include "src/runtime/core_register.h"
#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// What a core did, for observers.
enum class CoreEvent : uint8_t {
    NOTHING,
    STARTED,
    FINISHED,
    ANSWERED,  ///< it was told to leave, or to be idle, and is
};

/// Memory that a core shares with the scheduler: its payloads and slabs, by the lowest bit of the
/// dispatch id.
struct CoreMemory {
    DispatchPayload payloads[2] = {};
    DeferredCompletionSlab slabs[2] = {};
};

/// One core. The scheduler's side (read_status() and what follows) and the core's own side (step()
/// and what follows) may run at the same time, each on one thread at a time.
class SimulatedCore {
  public:
    // The scheduler's side.

    uint32_t read_status() const noexcept {
        // Acquire: pairs with the release store in write_status().
        return status_.load(std::memory_order_acquire);
    }

    void ring_doorbell(uint32_t id) noexcept {
        // Release: pairs with the acquire load in step(); payload and slab are ready.
        doorbell_.store(id, std::memory_order_release);
    }

    DeferredCompletionSlab& slab(uint32_t parity) noexcept {
        PTO_ASSERT(parity < 2, parity);
        return shared_.slabs[parity];
    }
    DispatchPayload& payload(uint32_t parity) noexcept {
        PTO_ASSERT(parity < 2, parity);
        return shared_.payloads[parity];
    }

    /// Puts caches between the two sides from here on, always the same, or nothing if null. Neither
    /// side may be at work.
    void share_through(CacheModel* caches) {
        if (caches != nullptr && memory_ == nullptr) {
            memory_ = std::make_unique<CoreMemory>();
            for (DeferredCompletionSlab& slab : memory_->slabs) {
                // No core can add to this, so that a slab that is not flushed shows at once.
                slab.count = ~uint32_t{0};
            }
            caches->add(&shared_, memory_.get(), sizeof shared_);
        }
        is_incoherent_ = caches != nullptr;
    }

    // The core's own side.

    /// Does the next thing that is due: ends the running kernel, or does what the doorbell says.
    CoreEvent step(uint64_t now_ns, EngineQueue& engines) noexcept {
        if (is_running_) {
            return now_ns >= end_ns_ ? finish(now_ns, engines) : CoreEvent::NOTHING;
        }
        // Acquire: pairs with the release store in ring_doorbell().
        const uint32_t id = doorbell_.load(std::memory_order_acquire);
        if (id == last_doorbell_ || is_hung_) {
            return CoreEvent::NOTHING;
        }
        last_doorbell_ = id;
        return is_dispatch_id(id) ? start(id, now_ns) : answer(id);
    }

    /// When the running kernel ends, if there is one and it does.
    std::optional<uint64_t> end_ns() const noexcept {
        return is_running_ ? std::optional(end_ns_) : std::nullopt;
    }

    /// The subtask that is running, or ran last.
    const DispatchPayload& current() const noexcept { return own_->payloads[last_id_ & 1]; }

    /// Conditions that the subtask which finished last has left. Not the slab's count: that one is
    /// the scheduler's since the FIN.
    uint32_t conditions_left() const noexcept { return conditions_left_; }

    /// Makes it a core that was never used. Neither side may be at work.
    void reset() noexcept {
        // Relaxed, both: quiescence orders them.
        doorbell_.store(AICORE_DOORBELL_IDLE, std::memory_order_relaxed);
        status_.store(AICORE_STATUS_IDLE, std::memory_order_relaxed);
        last_doorbell_ = AICORE_DOORBELL_IDLE;
        last_id_ = 0;
        is_running_ = false;
        is_hung_ = false;
    }

  private:
    CoreEvent start(uint32_t id, uint64_t now_ns) noexcept {
        PTO_ASSERT(!is_running_, id, last_id_);
        last_id_ = id;
        own_ = is_incoherent_ ? memory_.get() : &shared_;
        const DispatchPayload& payload = own_->payloads[id & 1];
        const KernelAnswer answer = kernel(payload).answer(payload);
        is_hung_ = answer != KernelAnswer::NORMAL;
        is_running_ = answer == KernelAnswer::NORMAL;
        end_ns_ = now_ns + kernel(payload).duration_ns(payload);
        if (answer != KernelAnswer::NEVER) {
            write_status({id, false});
        }
        return CoreEvent::STARTED;
    }

    CoreEvent answer(uint32_t doorbell) noexcept {
        PTO_ASSERT(doorbell == AICORE_DOORBELL_EXIT || doorbell == AICORE_DOORBELL_IDLE, doorbell);
        const uint32_t word =
            doorbell == AICORE_DOORBELL_EXIT ? AICORE_STATUS_EXITED : AICORE_STATUS_IDLE;
        write_status(CoreWord::of(word));
        return CoreEvent::ANSWERED;
    }

    CoreEvent finish(uint64_t now_ns, EngineQueue& engines) noexcept {
        const DispatchPayload& payload = current();
        PTO_ASSERT(is_running_ && now_ns >= end_ns_, last_id_, now_ns, end_ns_);
        KernelContext context{payload, own_->slabs[last_id_ & 1], engines, now_ns};
        kernel(payload).run(context);
        conditions_left_ = context.slab.count;
        is_running_ = false;
        write_status({last_id_, true});
        return CoreEvent::FINISHED;
    }

    void write_status(CoreWord word) noexcept {
        // Release: pairs with the acquire load in read_status(); the slab and the kernel's results
        // are visible to the thread that sees the FIN.
        status_.store(word.raw(), std::memory_order_release);
    }

    static Kernel& kernel(const DispatchPayload& payload) noexcept {
        PTO_ASSERT(payload.kernel_addr != 0, payload.task_token, payload.block_index);
        return *reinterpret_cast<Kernel*>(static_cast<uintptr_t>(payload.kernel_addr));
    }

    alignas(PTO2_ALIGN_SIZE) std::atomic<uint32_t> doorbell_ = AICORE_DOORBELL_IDLE;
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint32_t> status_ = AICORE_STATUS_IDLE;
    CoreMemory shared_;                   ///< as the scheduler sees it
    std::unique_ptr<CoreMemory> memory_;  ///< behind the caches, once there are any
    bool is_incoherent_ = false;
    // The core's own.
    CoreMemory* own_ = &shared_;
    uint32_t last_doorbell_ = AICORE_DOORBELL_IDLE;
    uint32_t last_id_ = 0;
    uint64_t end_ns_ = 0;
    uint32_t conditions_left_ = 0;
    bool is_running_ = false;
    bool is_hung_ = false;
};

}  // namespace pto::sim
