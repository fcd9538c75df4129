// The platform interface: what the scheduler needs of cores and of time. Hardware implements it
// once per platform; sim implements it without hardware.
//
// Hardware engines need no function here. They change counters and records in memory, and the
// platform type does the cache maintenance for that (cache_invalidate_range, cache_flush_range).
#pragma once

#include <cstdint>

#include "aicore_completion_mailbox_types.h"

namespace pto {

/// Cores of a cluster, in this order: one cube core and two vector cores.
inline constexpr uint32_t CORES_PER_CLUSTER = 3;
/// Their names, for people.
inline constexpr const char* core_kind_names[CORES_PER_CLUSTER] = {"aic", "aiv0", "aiv1"};

/// Bits of PTO2TaskSlotState::active_mask: which cores of a cluster each block of a task runs on.
inline constexpr uint8_t SUBTASK_AIC = 1;
inline constexpr uint8_t SUBTASK_AIV0 = 2;
inline constexpr uint8_t SUBTASK_AIV1 = 4;
inline constexpr uint8_t SUBTASK_MASK_ALL = 7;

/// What a core is told about the subtask that it has to run.
struct alignas(PTO2_ALIGN_SIZE) DispatchPayload {
    uint64_t task_token;
    uint64_t kernel_addr;  ///< as submitted; never looked into here
    uint64_t args_addr;    ///< as submitted; never looked into here
    int32_t block_index;   ///< from 0 on
    int32_t block_num;
    uint32_t subtask;  ///< the SUBTASK_ bit that this core stands for
};

/// Cores, and time, as scheduler threads see them. Cores are numbered by cluster: core `3 c` is the
/// cube core of cluster c, `3 c + 1` and `3 c + 2` are its vector cores.
///
/// Each core is used by one scheduler thread, and at the end of a run by the one that leaves last,
/// so functions with a `core` are called by one thread at a time for the same core; now_ns() and
/// idle() by any. A diagnosis calls read_status() for all cores, from any thread.
class CoreInterface {
  public:
    virtual uint32_t cluster_count() const noexcept = 0;

    /// The word that the core wrote last, AICORE_STATUS_IDLE before its first. Has to be an acquire
    /// that pairs with the core's release store: what the core did before it wrote the word, its
    /// slab included, is visible to the caller.
    virtual uint32_t read_status(uint32_t core) noexcept = 0;

    /// Gives the core a dispatch id, or AICORE_DOORBELL_EXIT, which the core answers with
    /// AICORE_STATUS_EXITED when what it runs is over, or AICORE_DOORBELL_IDLE. Has to be a release
    /// that pairs with the core's acquire load: the core sees its payload and its empty slab.
    virtual void ring_doorbell(uint32_t core, uint32_t id) noexcept = 0;

    /// The core's two slabs and payloads; the lowest bit of a dispatch id chooses.
    virtual DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept = 0;
    virtual DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept = 0;

    /// Monotonic time, in nanoseconds from any start.
    virtual uint64_t now_ns() noexcept = 0;

    /// Called by a scheduler thread, or by the submitting one (numbered after the last of those),
    /// in every turn of a loop in which it waits. May pause for a moment, must not block.
    virtual void idle(uint32_t thread) noexcept = 0;

  protected:
    ~CoreInterface() = default;
};

}  // namespace pto
