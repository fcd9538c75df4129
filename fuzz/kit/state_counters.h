// Counters of the states that a target exists to reach. A test fails when a corpus leaves one at 0,
// so that a corpus cannot rot into one that reaches nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

/// One counter per enumerator of `State`, with its name; see EnumWords. Not thread-safe.
template <class State>
class StateCounters {
  public:
    static constexpr size_t size = EnumWords<State>::size;

    explicit constexpr StateCounters(const EnumWords<State>& names) : names_(names) {}

    void reached(State state) { ++counts_[static_cast<size_t>(state)]; }
    void reached_if(bool condition, State state) {
        counts_[static_cast<size_t>(state)] += condition;
    }

    uint64_t count_of(State state) const { return counts_[static_cast<size_t>(state)]; }

    std::vector<StateCount> snapshot() const {
        std::vector<StateCount> states;
        for (size_t i = 0; i < size; ++i) {
            states.push_back({names_[static_cast<State>(i)], counts_[i]});
        }
        return states;
    }

  private:
    EnumWords<State> names_;
    std::array<uint64_t, size> counts_{};
};

}  // namespace fuzz
