// Vector clocks (Lamport 1978, Mattern 1989): what a thread knows of the others.
//
// A thread's epoch counts its releases. A thread knows an event if its clock has reached the epoch
// of that event. Every clock is two in one (see weave/README.md):
//   happens-before  decides what is a race ([intro.races] p10)
//   coherence       decides which stores a load may still return. It is never less than
//                   happens-before, and greater by what SC fences tell ([atomics.order] p4).
// and the position, among all SC operations, of the latest SC fence that it knows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "run/base.h"

namespace weave {

using Epoch = uint32_t;

/// An immutable copy of a clock, in an arena.
struct Snapshot {
    uint32_t length;
    uint32_t thread;
    /// The one of `thread` that ended with this release, so that all that know it know the whole
    /// snapshot; 0: there is no such thread.
    Epoch epoch;
    // The words follow.
    uint32_t* words() { return reinterpret_cast<uint32_t*>(this + 1); }
    const uint32_t* words() const { return reinterpret_cast<const uint32_t*>(this + 1); }
};

/// A thread's own clock. Words from `length` on are zero.
class Clock {
  public:
    void reset() {
        std::memset(words_, 0, length_ * sizeof words_[0]);
        length_ = 1;
    }

    Epoch happens_before(unsigned thread) const { return words_[1 + 2 * thread]; }
    Epoch coherence(unsigned thread) const { return words_[2 + 2 * thread]; }
    uint32_t last_fence() const { return words_[0]; }
    bool is_empty() const { return length_ == 1 && words_[0] == 0; }

    /// Sets the epoch of the clock's own thread, whose id another thread had before.
    void begin(unsigned self, Epoch epoch) {
        WEAVE_CHECK(self < threads_max, self);
        words_[1 + 2 * self] = words_[2 + 2 * self] = epoch;
        length_ = std::max(length_, 3 + 2 * self);
    }

    /// Begins the next epoch of the clock's own thread.
    void tick(unsigned self) {
        words_[1 + 2 * self] += 1;
        words_[2 + 2 * self] = words_[1 + 2 * self];
        length_ = std::max(length_, 3 + 2 * self);
    }

    void join(const Snapshot& other) {
        WEAVE_CHECK(other.length <= words_max, other.length);
        join(other.words(), other.length);
    }
    void join(const Clock& other) { join(other.words_, other.length_); }

    /// Learns the coherence that earlier SC fences knew, and adds its own to it: see ScOrder.
    void pass_fence(Clock& fences, uint32_t position) {
        WEAVE_CHECK(words_[0] < position, words_[0], position);
        length_ = std::max(length_, fences.length_);
        fences.length_ = length_;
        for (uint32_t i = 2; i < length_; i += 2) {
            words_[i] = fences.words_[i] = std::max(words_[i], fences.words_[i]);
        }
        words_[0] = position;
    }

    Snapshot* snapshot(Arena& arena) const {
        auto* const copy =
            static_cast<Snapshot*>(arena.bytes(sizeof(Snapshot) + length_ * sizeof words_[0]));
        copy->length = length_;
        copy->epoch = 0;
        uint32_t* const words = copy->words();
        words[0] = words_[0];
        for (uint32_t i = 1; i < length_; i += 2) {
            std::memcpy(words + i, words_ + i, 2 * sizeof words_[0]);
        }
        return copy;
    }

    /// The snapshot with which the clock's own thread releases: its epoch has to end now.
    const Snapshot* release(Arena& arena, unsigned self) const {
        Snapshot* const copy = snapshot(arena);
        copy->thread = self;
        copy->epoch = happens_before(self);
        return copy;
    }
    /// Would join() change nothing? May be false all the same.
    bool has_joined(const Snapshot& other) const {
        return other.epoch != 0 && other.epoch <= happens_before(other.thread);
    }

  private:
    // A clock has few words: a loop over vectors would cost more than it saves.
    void join(const uint32_t* words, uint32_t length) {
#pragma clang loop vectorize(disable) unroll(disable)
        for (uint32_t i = 0; i < length; ++i) {
            words_[i] = std::max(words_[i], words[i]);
        }
        length_ = std::max(length_, length);
    }

    static constexpr uint32_t words_max = 1 + 2 * threads_max;

    uint32_t length_ = 1;
    uint32_t words_[words_max] = {};
};

/// The greater word of both, place by place; either may be null.
inline const Snapshot* merge(Arena& arena, const Snapshot* a, const Snapshot* b) {
    if (a == nullptr || b == nullptr) {
        return a == nullptr ? b : a;
    }
    WEAVE_CHECK(a->length % 2 == 1 && b->length % 2 == 1, a->length, b->length);
    if (a->length < b->length) {
        std::swap(a, b);
    }
    auto* const both =
        static_cast<Snapshot*>(arena.bytes(sizeof(Snapshot) + a->length * sizeof(uint32_t)));
    both->length = a->length;
    both->epoch = 0;
    for (uint32_t i = 0; i < a->length; ++i) {
        const uint32_t word = a->words()[i];
        both->words()[i] = i < b->length ? std::max(word, b->words()[i]) : word;
    }
    return both;
}

}  // namespace weave
