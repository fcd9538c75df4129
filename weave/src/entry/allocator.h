// Blocks that a function of the C library gives to the program, which frees them.
#pragma once

#include <cstddef>

namespace weave {

/// malloc(), as if called from another place.
void* allocate_for(size_t size, const void* return_address);

}  // namespace weave
