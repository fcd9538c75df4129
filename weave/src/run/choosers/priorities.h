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
    /// The thread of the turn with the highest priority among those that are not `excluded`;
    /// threads_max if all are.
    unsigned highest(const Turn& turn, const ThreadSet& excluded, Random& random);
    /// Puts a thread after all others.
    void put_last(unsigned thread) { of_[thread] = --lowest_; }
    /// Puts the current thread last if it has yielded, or has run turns_in_a_row_max turns while
    /// others could: then it is polling.
    void let_pollers_give_way(const Turn& turn);

  private:
    static constexpr uint32_t first_low = 1u << 30;  ///< below it: threads that were put last
    static constexpr uint32_t turns_in_a_row_max = 512;

    uint32_t of_[threads_max] = {};  ///< 0: not drawn yet
    uint32_t lowest_ = first_low;
    uint32_t turns_in_a_row_ = 0;
    unsigned last_ = 0;
};

}  // namespace weave
