// A number that stands for everything that a search through graphs has seen the program do: its
// graphs, and what its threads have written between their events. Two programs with equal digests
// do the same in every execution, so a change that keeps the digest has changed nothing that the
// search can see.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

class Execution;

/// Stands for a set whose members are added in any order. Equal sets have the same, others almost
/// never do.
struct Digest {
    uint64_t low = 0;
    uint64_t high = 0;

    void add(const Digest& other) {
        low += other.low;
        high += other.high;
    }
};

/// A member of such a set, as a list of words.
class Member {
  public:
    Member& add(uint64_t word) {
        sum_.low = mix(sum_.low ^ word);
        sum_.high = mix(sum_.high + word);
        return *this;
    }
    const Digest& digest() const { return sum_; }

  private:
    /// The last step of SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
    /// Generators, OOPSLA 2014).
    static uint64_t mix(uint64_t word) {
        word += 0x9e37'79b9'7f4a'7c15;
        word = (word ^ (word >> 30)) * 0xbf58'476d'1ce4'e5b9;
        word = (word ^ (word >> 27)) * 0x94d0'49bb'1331'11eb;
        return word ^ (word >> 31);
    }

    Digest sum_{1, 2};
};

/// What the plain writes of an execution have left behind, by thread and by the event that follows
/// them. Locals do not count, as they tell nothing before something is done with them.
class WriteLog {
  public:
    void begin_execution(Execution& execution) {
        execution_ = &execution;
        written_.clear();
        total_ = {};
    }
    /// The thread is about to write there. `next`: the index of its next event.
    void writes(unsigned name, unsigned next, uintptr_t address, size_t size);
    /// A thread is about to make an event, or the execution ends: what was written is read now.
    void settle();
    const Digest& total() const { return total_; }

  private:
    /// Bytes of one aligned word.
    struct Part {
        uintptr_t word;
        uint64_t mask;
    };

    Execution* execution_ = nullptr;
    unsigned name_ = 0;                       ///< the thread that has written last, ...
    unsigned next_ = 0;                       ///< ... and its next event
    Growing<Part, size_t{1} << 22> written_;  ///< by that thread
    Digest total_;
};

}  // namespace weave
