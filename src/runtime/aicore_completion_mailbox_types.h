// What a kernel needs to register completion conditions: codes, the slab, and the append helper.
//
// Kernel-safe: parses as freestanding C++17 and includes nothing but <stdint.h> and the constants.
// The ring and everything atomic is in mailbox.h, which kernels never see.
#pragma once

#include <stdint.h>

#include "pto_constants.h"

namespace pto {

/// Hardware engines that finish work for a kernel; recorded for diagnosis, never interpreted.
inline constexpr uint32_t COMPLETION_ENGINE_SDMA = 0;
inline constexpr uint32_t COMPLETION_ENGINE_ROCE = 1;
inline constexpr uint32_t COMPLETION_ENGINE_URMA = 2;
inline constexpr uint32_t COMPLETION_ENGINE_CCU = 3;

/// The same as an enumeration.
enum AsyncEngine : uint32_t {
    ASYNC_ENGINE_SDMA = COMPLETION_ENGINE_SDMA,
    ASYNC_ENGINE_ROCE = COMPLETION_ENGINE_ROCE,
    ASYNC_ENGINE_URMA = COMPLETION_ENGINE_URMA,
    ASYNC_ENGINE_CCU = COMPLETION_ENGINE_CCU,
};

/// A 32-bit counter at `addr`; holds once its value is at least `expected_value` (unsigned).
inline constexpr int32_t COMPLETION_TYPE_COUNTER = 0;
/// A 64-bit record at `addr` of the last SDMA transfer that ended; holds once it is at least
/// `backend_cookie`, which is not 0. The record only grows, and several conditions may share it.
inline constexpr int32_t COMPLETION_TYPE_SDMA_EVENT_RECORD = 1;

/// One condition, as a kernel writes it. 32 bytes; the padding is never read.
struct DeferredCompletionEntry {
    uint64_t addr;
    uint64_t backend_cookie;  ///< what the type's backend compares with; a counter has none
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t pad;
};

/// Per-core scratch area in which a kernel leaves the conditions of the subtask it just ran.
///
/// Owned by the dispatcher until the doorbell, by the core until its FIN, then by the thread that
/// handles the FIN; the hand-over orders the accesses, so the fields are volatile and not atomic.
struct alignas(PTO2_ALIGN_SIZE) DeferredCompletionSlab {
    volatile uint32_t count;
    volatile int32_t error_code;
    DeferredCompletionEntry entries[MAX_COMPLETIONS_PER_TASK];
};

static_assert(sizeof(DeferredCompletionEntry) == 32, "kernels and scheduler share this layout");
static_assert(alignof(DeferredCompletionEntry) == 8, "kernels and scheduler share this layout");
static_assert(sizeof(DeferredCompletionSlab) == 2112, "8 + 64 * 32, rounded up to a cache line");
static_assert(alignof(DeferredCompletionSlab) == PTO2_ALIGN_SIZE, "one slab never shares a line");

/// Appends one condition to a slab. Kernel side, single-threaded by ownership of the slab.
///
/// Returns true when the condition was stored. A slab that already holds 64 conditions (or whose
/// count is corrupt) is left as it is, PTO2_ERROR_ASYNC_WAIT_OVERFLOW goes into `error_code`, and
/// the call returns false. The fields are not checked: the scheduler tests them when it polls.
inline bool deferred_completion_slab_append(DeferredCompletionSlab* slab, uint64_t addr,
                                            uint64_t backend_cookie, uint32_t expected_value,
                                            uint32_t engine, int32_t completion_type) {
    const uint32_t count = slab->count;
    if (count >= MAX_COMPLETIONS_PER_TASK) {
        slab->error_code = PTO2_ERROR_ASYNC_WAIT_OVERFLOW;
        return false;
    }
    DeferredCompletionEntry& entry = slab->entries[count];
    entry.addr = addr;
    entry.backend_cookie = backend_cookie;
    entry.expected_value = expected_value;
    entry.engine = engine;
    entry.completion_type = completion_type;
    slab->count = count + 1;
    return true;
}

/// The same for a condition without a cookie: the cookie is 0.
inline bool deferred_completion_slab_append(DeferredCompletionSlab* slab, uint64_t addr,
                                            uint32_t expected_value, uint32_t engine,
                                            int32_t completion_type) {
    return deferred_completion_slab_append(slab, addr, 0, expected_value, engine, completion_type);
}

}  // namespace pto
