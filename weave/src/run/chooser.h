// What decides an execution: a Chooser is asked wherever more than one thing can happen next.
//
// A *choice* is one decision, an *alternative* one of the things that it can pick, a *turn* one
// choice between threads. An answer is a number below the number of alternatives. 0 is always the
// plain one: this thread continues, the load returns the newest store, the wait does not end
// without a reason.
#pragma once

#include <bit>
#include <cstdint>

#include "run/base.h"

namespace weave {

/// What a thread is about to do, as far as a chooser has to know.
enum class OperationKind : uint8_t {
    start,
    load,
    store,
    rmw,
    fence,
    lock,
    unlock,
    wait,
    wake,
    yield,  ///< or a sleep: the thread gives way to others
    other
};

struct Operation {
    OperationKind kind = OperationKind::start;
    uint32_t object = 0;  ///< the number of the location or lock within the execution; 0: none
};

/// A choice of the thread that runs next.
struct Turn {
    uint64_t enabled;          ///< threads that can run, a bit each; at least two
    unsigned current;          ///< the thread that runs now; its bit may be missing
    uint64_t step;             ///< number of steps of the execution so far
    const Operation* pending;  ///< each thread's next operation, by thread

    /// The number of alternatives.
    unsigned count() const {
        // The bits of four threads from a table of sixteen digits: not every processor counts bits.
        constexpr uint64_t counts = 0x4332'3221'3221'2110;
        return enabled < 16 ? counts >> (4 * enabled) & 15
                            : static_cast<unsigned>(std::popcount(enabled));
    }
    bool current_is_enabled() const { return (enabled >> current & 1) != 0; }

    /// The thread of an alternative: 0 is the current thread if it can run, and then come those
    /// with higher ids, and those with lower ones.
    unsigned thread(unsigned index) const {
        uint64_t left = std::rotr(enabled, static_cast<int>(current));
        while (index-- != 0) {
            left &= left - 1;
        }
        WEAVE_CHECK(left != 0, enabled, current);
        return (current + static_cast<unsigned>(std::countr_zero(left))) % threads_max;
    }

    /// The alternative of a thread that can run; the inverse of thread().
    unsigned index_of(unsigned thread) const {
        WEAVE_CHECK((enabled & thread_bit(thread)) != 0, thread, enabled);
        const uint64_t around = std::rotr(enabled, static_cast<int>(current));
        const unsigned distance = (thread - current) % threads_max;
        return static_cast<unsigned>(std::popcount(around & ((uint64_t{1} << distance) - 1)));
    }
};

/// What a choice other than a turn is about. The number is the answer.
enum class Alternative : uint8_t {
    store,      ///< the store that a load returns; a larger number is an older store
    placement,  ///< the place of a store in the modification order; a larger number is earlier
    failure,    ///< whether a weak compare-exchange fails spuriously
    waiter,     ///< the waiter that a signal wakes
    patience,   ///< whether a loop that counts its rounds continues before all other threads
    wake_up,    ///< whether a wait ends spuriously when no thread could run otherwise
    reuse,      ///< whether malloc returns memory that was freed
};

class Chooser {
  public:
    virtual ~Chooser() = default;

    /// Called before each execution. False if there is none left.
    virtual bool begin() = 0;
    /// Called between begin() and the next one, which then begins the same execution again.
    virtual void repeat() = 0;
    /// A number below turn.count().
    virtual unsigned choose_thread(const Turn& turn) = 0;
    /// A number below `count`, which is at least 2.
    virtual unsigned choose(Alternative kind, unsigned count) = 0;
    /// Called after each execution, with the number of its steps.
    virtual void end(uint64_t steps) { (void)steps; }
    /// Called after begin() has returned false: were all executions seen?
    virtual bool is_complete() const { return false; }
    /// Have the same choices led to another place than before?
    virtual bool has_diverged() const { return false; }
};

}  // namespace weave
