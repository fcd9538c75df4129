// Numbers that kernels and the scheduler must agree on.
//
// Kernel-safe: parses as freestanding C++17, needs only <stdint.h>. No atomics, no scheduler types.
#pragma once

#include <stdint.h>

namespace pto {

/// Alignment, in bytes, of everything that two cores must not share a cache line for.
inline constexpr uint32_t PTO2_ALIGN_SIZE = 64;

/// Conditions a slab holds, and conditions a task may register in all, over its subtasks.
inline constexpr uint32_t MAX_COMPLETIONS_PER_TASK = 64;

/// Tasks that may wait for conditions at the same time.
inline constexpr int32_t MAX_ASYNC_WAITS = 64;

/// Completed tasks a thread may hold back before it must release them.
inline constexpr int32_t PTO2_DEFERRED_RELEASE_CAP = 256;

/// Defaults of the scheduler's sizes: slots of a ready queue, tasks a ring holds at once, rings,
/// and dummy tasks that one turn of the loop completes.
inline constexpr uint32_t READY_QUEUE_SIZE = 65536;
inline constexpr uint32_t TASK_WINDOW_SIZE = 16384;
inline constexpr uint32_t MAX_RING_DEPTH = 4;
inline constexpr uint32_t DUMMY_BATCH_SIZE = 16;

/// Run status codes. A run ends with 0 or with minus the first code that was latched.
inline constexpr int32_t PTO2_ERROR_NONE = 0;
/// Submission: an argument is out of range.
inline constexpr int32_t PTO2_ERROR_INVALID_ARGS = 5;
/// Watchdog: no thread made progress within the limit.
inline constexpr int32_t PTO2_ERROR_SCHEDULER_TIMEOUT = 100;
/// A condition cannot be tested: null or misaligned address, or a type unknown to the platform.
inline constexpr int32_t PTO2_ERROR_ASYNC_COMPLETION_INVALID = 101;
/// No room: the 65th condition of one slab, or the 65th waiting task.
inline constexpr int32_t PTO2_ERROR_ASYNC_WAIT_OVERFLOW = 102;
/// A message contradicts the protocol, or a task registers its 65th condition over all its slabs.
inline constexpr int32_t PTO2_ERROR_ASYNC_REGISTRATION_FAILED = 103;

}  // namespace pto
