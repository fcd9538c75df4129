// Standard input, which every execution of a whole program reads from its beginning.
#pragma once

#include <cstdio>

namespace weave {

/// Called before the program reads from a file or a descriptor.
void use_input(FILE* file);
void use_input(int descriptor);
/// Puts standard input back to where it was before the first execution, if the program has read
/// from it.
void rewind_input();

}  // namespace weave
