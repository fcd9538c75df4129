// The plain tree with the present names: what kernels see.
#pragma once

#include <stdint.h>

inline constexpr int32_t MAX_COMPLETIONS_PER_TASK = 64;
inline constexpr int32_t COMPLETION_TYPE_COUNTER = 0;
inline constexpr int32_t COMPLETION_TYPE_SDMA_EVENT_RECORD = 1;

struct DeferredCompletionEntry {
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t pad;
};
