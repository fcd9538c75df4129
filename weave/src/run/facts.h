// What an execution has found, without any text that needs symbols: report/ adds the places in the
// source.
#pragma once

#include <cstddef>
#include <cstdint>

#include <weave/weave.h>

namespace weave {

/// One of the two accesses of a finding, or the allocation or free of a block.
struct AccessFact {
    uint32_t pc;    ///< from the start of the program's image
    uint32_t step;  ///< of the execution
    uint8_t thread;
    bool is_write;
    bool is_atomic;
    bool is_free;
    bool is_allocation;
};

struct Facts {
    static constexpr unsigned frames_max = 64;

    Verdict verdict;
    char what[400];        ///< one line in plain words
    uintptr_t address;     ///< of the object; 0: the finding is not about one
    uint32_t size;         ///< of the access, in bytes
    unsigned frame_count;  ///< calls on the stack; only a traced execution has any
    uint32_t frames[frames_max];
    unsigned access_count;   ///< 0 to 2
    AccessFact accesses[2];  ///< the earlier one first
    uint8_t thread;
    uint32_t pc;
    uint32_t step;
};

}  // namespace weave
