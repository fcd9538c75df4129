// The state of a thread as one number: what its registers and its locals hold. A thread that has it
// a second time, and has changed nothing in between, does what it did before.
//
// Locals that lie in frames of their own (locals.h) get another address each time their function is
// called. So a pointer to one counts as the number of its frame, in the order in which the state
// meets them, and its place within that.
//
// What is shared does not count, as it says how far other threads are: their frames, atomic
// objects, and what another thread wrote last. What a thread reads there follows from its atomic
// reads, or is a race.
#pragma once

#include <cstdint>

#include "model/location.h"
#include "run/stacks.h"
#include "run/thread.h"

namespace weave {

class Execution;

/// A number that stands for many words: equal words give the same, others almost never do. Four
/// sums in turn, as each step takes the time of a multiplication.
class Sum {
  public:
    void add(uint64_t word) {
        uint64_t& sum = sums_[next_++ % 4];
        sum = (sum ^ word) * odd;
        sum ^= sum >> 29;
    }
    void add(const Value& value) {
        add(value.low);
        add(value.high);
    }
    /// Not 0.
    uint64_t total() {
        for (unsigned i = 1; i < 4; ++i) {
            sums_[0] = (sums_[0] ^ sums_[i]) * odd;
            sums_[0] ^= sums_[0] >> 32;
        }
        return sums_[0] | 1;
    }

  private:
    static constexpr uint64_t odd = 0x9e37'79b9'7f4a'7c15;

    uint64_t sums_[4] = {1, 2, 3, 4};
    unsigned next_ = 0;
};

/// Times that make no difference in a state: those that have passed, and the limit of the wait that
/// the thread comes to. Later times count by what is left until then.
struct TimesOfState {
    uint64_t now_ns;
    uint64_t limit_ns;
};

/// Nanoseconds until the time that the word at an address seems to be, in nanoseconds or as the
/// first of a timespec; 0 if it has passed, or if it is none.
uint64_t left_until(uintptr_t address, uint64_t now_ns);

/// Adds the state of the current thread at an entry point, whose WEAVE_FRAME `frame` is, and which
/// is about to access the atomic object at `object`. False if the state is not known: the program
/// has a stack of its own, as for a coroutine, or the state has more than 32 frames.
/// Without `times` they are words like others.
bool add_state(Execution& execution, Sum& sum, uintptr_t object, const void* frame,
               const TimesOfState* times = nullptr);

/// The registers and the stack of the current thread at an entry point, lowest address first.
struct StackWords {
    const uint64_t* first;
    size_t count;  ///< 0: they are not known, or add_state() would read more than them
};
StackWords words_of_state(Execution& execution, const void* frame);

WEAVE_HOT bool is_on_stack(const Thread& thread, uintptr_t address) {
    return address - reinterpret_cast<uintptr_t>(thread.stack) < stack_bytes;
}

/// Is it a local of the thread's own? Its state has what the thread writes there.
bool is_own_local(const Thread& thread, uintptr_t address);

/// Does the state of the current thread have this byte? If not, it may be another one's.
bool is_in_state(Execution& execution, uintptr_t address);

}  // namespace weave
