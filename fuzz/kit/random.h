// The source of chance of generators and mutators; the same numbers with every standard library.
#pragma once

#include <random>

namespace fuzz {

using Random = std::minstd_rand;

}  // namespace fuzz
