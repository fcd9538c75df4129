// Functions of the program that were not compiled with weave's flags, although they touch what
// threads share.
#pragma once

#include <string>
#include <vector>

namespace weave {

/// Describes the first such function of the executable. Empty if there is none, and if the
/// executable has no symbols.
///
/// A function counts that has an atomic instruction, names a variable, or calls a function on
/// threads. Functions of the C and C++ libraries and of GoogleTest do not count, nor do those that
/// only their file can call.
std::string first_uninstrumented();

/// The names of all of them, also of those that may reach the memory of others by pointers.
std::vector<std::string> all_uninstrumented();

}  // namespace weave
