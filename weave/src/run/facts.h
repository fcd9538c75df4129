// What an execution has found, without any text that needs symbols: report/ adds the places in the
// source.
#pragma once

#include <cstddef>
#include <cstdint>

#include <weave/weave.h>
#include "run/thread.h"

namespace weave {

/// One of the two accesses of a finding, or the allocation or free of a block.
struct AccessFact {
    uint32_t pc;    ///< from the start of the program's image
    uint32_t step;  ///< of the execution
    uint16_t thread;
    bool is_write;
    bool is_atomic;
    bool is_free;
    bool is_allocation;
};

/// A part of an execution that a judgement is about: the numbers of two marks.
struct JudgedPart {
    uint64_t first;
    uint64_t last;
};

struct Facts {
    static constexpr size_t parts_max = 8;

    Verdict verdict;
    char judged[40];         ///< Verdict::judged: the judge's own word
    char what[400];          ///< one line in plain words
    uintptr_t address;       ///< of the object; 0: the finding is not about one
    uint32_t size;           ///< of the access, in bytes
    Calls stack;             ///< only a traced execution has any
    unsigned access_count;   ///< 0 to 2
    AccessFact accesses[2];  ///< the earlier one first
    unsigned part_count;     ///< Verdict::judged only
    JudgedPart parts[parts_max];
    uint16_t thread;
    uint32_t pc;
    uint32_t step;
};

/// The name of the verdict; of a judgement, the judge's own word.
inline const char* word_of(const Facts& facts) {
    return facts.verdict == Verdict::judged ? facts.judged : name_of(facts.verdict);
}

}  // namespace weave
