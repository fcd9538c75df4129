// The priorities of threads, for choosers that let the thread with the highest one run.
#pragma once

#include <cstdint>

#include "run/chooser.h"
#include "run/random.h"

namespace weave {

/// A random order of the threads, in which single threads can be put last. Like all of a chooser,
/// not for use by several threads of the system.
class Priorities {
  public:
    /// Forgets all priorities: each thread gets a new one when it is first asked for.
    void begin_execution();
    /// The thread of the turn with the highest priority.
    unsigned highest(const Turn& turn, Random& random) {
        return highest(turn, random, [](unsigned) { return true; });
    }
    /// The same among those that `may_run` accepts; threads_max if there is none.
    template <class MayRun>
    unsigned highest(const Turn& turn, Random& random, MayRun may_run) {
        unsigned best = threads_max;
        uint32_t best_priority = 0;
        turn.for_each([&](unsigned thread) {
            const uint32_t priority = of(thread, random);
            if (priority > best_priority && may_run(thread)) {
                best = thread;
                best_priority = priority;
            }
        });
        return best;
    }
    /// Puts a thread after all others.
    void put_last(unsigned thread) { of_[thread] = --lowest_; }
    /// Puts the current thread last if it has yielded, or has run turns_in_a_row_max turns while
    /// others could: then it is polling.
    void let_pollers_give_way(const Turn& turn);

  private:
    static constexpr uint32_t first_low = 1u << 30;  ///< below it: threads that were put last
    static constexpr uint32_t turns_in_a_row_max = 512;

    uint32_t of(unsigned thread, Random& random) {
        uint32_t& priority = of_[thread];
        if (priority == 0) {
            priority = first_low + 1 + random.below(1u << 31);
        }
        return priority;
    }

    uint32_t of_[threads_max] = {};  ///< 0: not drawn yet
    uint32_t lowest_ = first_low;
    uint32_t turns_in_a_row_ = 0;
    unsigned last_ = 0;
};

}  // namespace weave
