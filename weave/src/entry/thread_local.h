// The record that the compiler emits for a thread_local object with -femulated-tls.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weave {

struct EmulatedTls {
    size_t size;
    size_t alignment;
    uintptr_t index;  ///< from 1; 0 until the first use in the process
    const void* initial;
};

}  // namespace weave

extern "C" void* __emutls_get_address(void* object);
