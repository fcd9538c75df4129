// The parts of run/system.h.
#pragma once

#include <cstdint>

namespace weave {

void keep_descriptors();
void restore_descriptors();
void restore_mappings();
/// Is the memory at an address shared with the children of the process?
bool is_in_shared_mapping(uintptr_t address);

}  // namespace weave
