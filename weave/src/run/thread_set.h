// Sets of threads, a bit each. As long as no execution has needed more than 64 threads, a set is
// one word, so that a turn costs a few instructions; see thread_words.
#pragma once

#include <bit>
#include <cstdint>

#include "run/check.h"

namespace weave {

inline constexpr unsigned threads_max = 1024;

/// Number of words of a set that are in use, the same throughout an execution: 1, and
/// thread_words_max once an execution has needed more threads than one word has bits.
extern unsigned thread_words __attribute__((visibility("hidden")));
inline constexpr unsigned thread_words_max = threads_max / 64;

// NOLINTBEGIN(clang-analyzer-core.*): the words in use are those that were set.
class ThreadSet {
  public:
    /// The threads below 64 whose bits are set.
    ThreadSet(uint64_t first_word = 0) {  // NOLINT(google-explicit-constructor)
        words_[0] = first_word;
        for_other_words([this](unsigned i) { words_[i] = 0; });
    }
    ThreadSet(const ThreadSet& other) { *this = other; }
    // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): it leaves every word as it is.
    ThreadSet& operator=(const ThreadSet& other) {
        words_[0] = other.words_[0];
        for_other_words([&](unsigned i) { words_[i] = other.words_[i]; });
        return *this;
    }

    bool contains(unsigned thread) const { return (words_[thread / 64] >> thread % 64 & 1) != 0; }
    void add(unsigned thread) { words_[thread / 64] |= uint64_t{1} << thread % 64; }
    void remove(unsigned thread) { words_[thread / 64] &= ~(uint64_t{1} << thread % 64); }

    bool is_empty() const {
        uint64_t all = words_[0];
        for_other_words([&](unsigned i) { all |= words_[i]; });
        return all == 0;
    }
    /// Is this thread the only one?
    bool is_only(unsigned thread) const {
        uint64_t differing = words_[0] ^ (thread < 64 ? uint64_t{1} << thread : 0);
        for_other_words([&](unsigned i) {
            differing |= words_[i] ^ (thread / 64 == i ? uint64_t{1} << thread % 64 : 0);
        });
        return differing == 0;
    }
    unsigned count() const {
        // The bits of four threads from a table of sixteen digits: not every processor counts bits.
        constexpr uint64_t counts = 0x4332'3221'3221'2110;
        if (thread_words == 1 && words_[0] < 16) [[likely]] {
            return counts >> (4 * words_[0]) & 15;
        }
        int count = std::popcount(words_[0]);
        for_other_words([&](unsigned i) { count += std::popcount(words_[i]); });
        return static_cast<unsigned>(count);
    }
    /// The first thread that is not below `from`; threads_max if there is none.
    unsigned next(unsigned from) const {
        unsigned i = from / 64;
        uint64_t word = i < thread_words ? words_[i] & ~uint64_t{0} << from % 64 : 0;
        while (word == 0) {
            if (++i >= thread_words) {
                return threads_max;
            }
            word = words_[i];
        }
        return 64 * i + static_cast<unsigned>(std::countr_zero(word));
    }
    unsigned first() const { return next(0); }
    /// One more than the last thread; 0 if there is none.
    unsigned bound() const {
        for (unsigned i = thread_words; i-- != 0;) {
            if (words_[i] != 0) {
                return 64 * i + static_cast<unsigned>(std::bit_width(words_[i]));
            }
        }
        return 0;
    }
    /// The threads below 64, a bit each.
    uint64_t first_word() const { return words_[0]; }

    ThreadSet& operator|=(const ThreadSet& other) {
        words_[0] |= other.words_[0];
        for_other_words([&](unsigned i) { words_[i] |= other.words_[i]; });
        return *this;
    }
    ThreadSet& operator&=(const ThreadSet& other) {
        words_[0] &= other.words_[0];
        for_other_words([&](unsigned i) { words_[i] &= other.words_[i]; });
        return *this;
    }
    ThreadSet operator~() const {
        ThreadSet inverse(~words_[0]);
        for_other_words([&](unsigned i) { inverse.words_[i] = ~words_[i]; });
        return inverse;
    }
    friend ThreadSet operator|(ThreadSet a, const ThreadSet& b) { return a |= b; }
    friend ThreadSet operator&(ThreadSet a, const ThreadSet& b) { return a &= b; }
    friend bool operator==(const ThreadSet& a, const ThreadSet& b) {
        uint64_t differing = a.words_[0] ^ b.words_[0];
        for_other_words([&](unsigned i) { differing |= a.words_[i] ^ b.words_[i]; });
        return differing == 0;
    }

  private:
    /// Calls `with` with the number of each word in use but the first.
    template <class With>
    __attribute__((always_inline)) static void for_other_words(With with) {
        if (thread_words != 1) [[unlikely]] {
            for (unsigned i = 1; i < thread_words; ++i) {
                with(i);
            }
        }
    }

    uint64_t words_[thread_words_max];  ///< the first thread_words are in use
};
// NOLINTEND(clang-analyzer-core.*)

/// The set of one thread.
inline ThreadSet thread_bit(unsigned thread) {
    ThreadSet set;
    set.add(thread);
    return set;
}

}  // namespace weave
