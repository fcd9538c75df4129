// Program counters as reports know them: offsets from the start of the program's image, which are
// the same in every process.
#pragma once

#include <cstddef>
#include <cstdint>

// The linker's names for the section of own_code.h.
extern "C" {
extern char __start_weave_code[];
extern char __stop_weave_code[];
}

namespace weave {

/// Is there code of the runtime at an address?
inline bool is_own_code(uintptr_t address) {
    return reinterpret_cast<uintptr_t>(__start_weave_code) <= address &&
           address < reinterpret_cast<uintptr_t>(__stop_weave_code);
}

/// The address that link-time addresses are counted from, and the bytes from there to the end of
/// the executable. Set by the first Execution.
extern uintptr_t image_start __attribute__((visibility("hidden")));
extern uintptr_t image_size __attribute__((visibility("hidden")));

/// The offset of the call that returns to an address; 0 outside of the program's image.
inline uint32_t pc_of(const void* return_address) {
    // The call lies before the address that it returns to.
    const uintptr_t offset = reinterpret_cast<uintptr_t>(return_address) - 1 - image_start;
    return offset < image_size ? static_cast<uint32_t>(offset) : 0;
}

}  // namespace weave
