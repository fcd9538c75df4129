// What a program changes in its process outside of its own memory, which is put back between two
// executions of a whole program. Defined in entry/system.cpp, which knows the functions that change
// it.
#pragma once

namespace weave {

/// Remembers the state that every execution begins with. Called once.
void keep_system();
/// Puts it back: descriptors, standard input, environment, current folder, mappings and locale.
void restore_system();

}  // namespace weave
