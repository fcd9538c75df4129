// Generated inputs as files.
#pragma once

#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

/// Writes each seed into a file of its name, in a folder that is made if need be. Throws
/// std::runtime_error with the path that cannot be written.
void write_seeds(const std::string& folder, const std::vector<Seed>& seeds);

}  // namespace fuzz
