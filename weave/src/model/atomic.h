// Atomic operations as entry points need them: a choice point, the checks of the access, the choice
// of a store, and what the thread learns.
//
// All functions are called by the current thread of the execution, on its fiber. `frame` is what
// WEAVE_FRAME gives in the entry point: spin.h compares the thread's state with it.
#pragma once

#include <atomic>
#include <cstdint>

#include "model/location.h"

namespace weave {

class Execution;

/// Small enough to be passed in registers.
struct AtomicAccess {
    AtomicAccess(uintptr_t at, unsigned bytes, uint32_t place, std::memory_order memory_order)
        : address(at), pc(place), size(bytes & 31), order(memory_order) {}

    uintptr_t address;
    uint32_t pc;
    unsigned size : 8;  ///< 1, 2, 4, 8 or 16 bytes
    std::memory_order order : 8;
};
static_assert(sizeof(AtomicAccess) == 16);

/// Marks a function that entry points with WEAVE_FRAME call: they have saved all registers that
/// their callers expect to be preserved, so it need not save them again. The compiler cannot do
/// that under AddressSanitizer.
#if __has_feature(address_sanitizer)
#define WEAVE_FROM_ENTRY
#else
#define WEAVE_FROM_ENTRY __attribute__((preserve_none))
#endif

/// The new value of an RMW. All values have `size` bytes.
using Modify = Value (*)(Value old, Value operand, unsigned size);

// `Size` is that of the access.

template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_load(Execution& execution, AtomicAccess access, const void* frame);
template <unsigned Size>
WEAVE_FROM_ENTRY void atomic_store(Execution& execution, AtomicAccess access, Value value);
/// Returns the value before.
template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_modify(Execution& execution, AtomicAccess access, Modify modify,
                                     Value operand, const void* frame);
/// A seq_cst fence of every thread at once, as membarrier() makes one. Not a choice point.
void fence_all_threads(Execution& execution);

/// Called before a weak compare-exchange, which may fail spuriously ([atomics.types.operations]).
/// True if it does, and then it is done; if false, atomic_compare_exchange() has to follow at once.
template <unsigned Size>
WEAVE_FROM_ENTRY bool atomic_exchange_fails(Execution& execution, AtomicAccess access,
                                            Value expected, const void* frame);
/// Returns the value before; stores `desired` if that was `expected`. `failure` is the memory order
/// of the load if not.
template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_compare_exchange(Execution& execution, AtomicAccess access,
                                               std::memory_order failure, Value expected,
                                               Value desired, bool& success, const void* frame);
/// memory_order_relaxed has no effect ([atomics.fences] p5).
void atomic_fence(Execution& execution, std::memory_order order, uint32_t pc);

}  // namespace weave
