// Seeded choices: the same seed gives the same choices on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace stress {

/// A stream of choices. Streams of one seed with different numbers have nothing in common. For one
/// thread.
class Random {
  public:
    explicit Random(std::initializer_list<uint64_t> numbers) {
        std::seed_seq::result_type words[8] = {};
        size_t count = 0;
        for (const uint64_t number : numbers) {
            words[count++] = static_cast<uint32_t>(number);
            words[count++] = static_cast<uint32_t>(number >> 32);
        }
        std::seed_seq sequence(words, words + count);
        engine_.seed(sequence);
    }

    uint64_t next() { return engine_(); }

    /// A number from 0 to `bound` - 1.
    uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }

    /// A number from `first` to `last`.
    uint32_t between(uint32_t first, uint32_t last) { return first + below(last - first + 1); }

    /// True in one of `times` cases.
    bool one_in(uint32_t times) { return below(times) == 0; }

    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<uint32_t>(choices.size()))];
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace stress
