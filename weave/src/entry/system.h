// The parts of run/system.h.
#pragma once

namespace weave {

void keep_descriptors();
void restore_descriptors();
void restore_mappings();

}  // namespace weave
