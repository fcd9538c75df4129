// What decides an execution: a Chooser is asked wherever more than one thing may happen next.
//
// Answers are numbers below the number of alternatives. 0 is always the dull one: this thread goes
// on, the load returns the newest store, the wait does not wake by itself.
#pragma once

#include <bit>
#include <cstdint>

#include "run/base.h"

namespace weave {

/// What a thread is about to do, as far as a search needs to know to tell what commutes.
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
    yield,  ///< or a sleep: others may as well go first
    other
};

struct Operation {
    OperationKind kind = OperationKind::start;
    uint32_t object = 0;  ///< the number of the location or lock within the execution; 0: none
};

/// A choice of the thread that runs next.
struct Turn {
    uint64_t enabled;          ///< a bit a thread; at least two
    unsigned current;          ///< who runs now; its bit may be missing
    uint64_t step;             ///< of the execution so far
    const Operation* pending;  ///< each thread's next operation

    unsigned count() const {
        // Of four threads by a table of sixteen digits: not every processor can count bits.
        constexpr uint64_t counts = 0x4332'3221'3221'2110;
        return enabled < 16 ? counts >> (4 * enabled) & 15
                            : static_cast<unsigned>(std::popcount(enabled));
    }
    bool current_is_enabled() const { return (enabled >> current & 1) != 0; }

    /// The thread behind a number: the current one first, then upwards from it and around.
    unsigned thread(unsigned index) const {
        uint64_t left = std::rotr(enabled, static_cast<int>(current));
        while (index-- != 0) {
            left &= left - 1;
        }
        return (current + static_cast<unsigned>(std::countr_zero(left))) % threads_max;
    }

    unsigned index_of(unsigned thread) const {
        const uint64_t around = std::rotr(enabled, static_cast<int>(current));
        const unsigned distance = (thread - current) % threads_max;
        return static_cast<unsigned>(std::popcount(around & ((uint64_t{1} << distance) - 1)));
    }
};

enum class Alternative : uint8_t {
    store,      ///< which store a load returns; older with the number
    placement,  ///< where in the modification order a store goes; earlier with the number
    failure,    ///< whether a weak compare-exchange fails though it need not
    waiter,     ///< which waiter a signal wakes
    patience,   ///< whether a loop that keeps count goes on before all others
    wake_up,    ///< whether a thread wakes for no reason when none could go on otherwise
    reuse,      ///< whether malloc returns memory that was freed
};

class Chooser {
  public:
    virtual ~Chooser() = default;

    /// Before each execution. False: there is none left.
    virtual bool begin() = 0;
    /// A number below turn.count().
    virtual unsigned choose_thread(const Turn& turn) = 0;
    /// A number below `count`, which is at least 2.
    virtual unsigned choose(Alternative kind, unsigned count) = 0;
    /// After each execution, with its steps.
    virtual void end(uint64_t steps) { (void)steps; }
    /// After begin() has returned false: was everything seen?
    virtual bool is_complete() const { return false; }
};

}  // namespace weave
