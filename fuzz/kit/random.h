// The source of chance of generators and mutators; the same numbers with every standard library.
#pragma once

#include <cstddef>
#include <random>

namespace fuzz {

using Random = std::minstd_rand;

/// A number from 0 to `bound` - 1; `bound` must not be 0.
inline size_t below(Random& random, size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
}

}  // namespace fuzz
