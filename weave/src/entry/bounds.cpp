// Indices of arrays: defines what code calls that is compiled with -fsanitize=array-bounds. The
// compiler knows the bounds of an array inside of an object, which the layout of objects does not
// show.
//
// The definitions are weak: a program that is linked with the runtime of UBSan uses that one's.
#include <cstdint>

#include "entry/entry.h"

namespace weave {

namespace {

// What the compiler passes: see compiler-rt/lib/ubsan/ubsan_value.h.

struct TypeDescription {
    uint16_t kind;  ///< 0: integer
    uint16_t form;  ///< of an integer: 1 if it is signed, plus 2 times the logarithm of its bits
    char name[1];
};

struct IndexDescription {
    const char* file;
    uint32_t line;
    uint32_t column;
    const TypeDescription* array;
    const TypeDescription* index;
};

long long value_of(uintptr_t index, const TypeDescription& type) {
    const unsigned bits = 1u << (type.form >> 1);
    if (type.kind != 0 || (type.form & 1) == 0 || bits >= 64) {
        return static_cast<long long>(index);
    }
    const unsigned unused = 64 - bits;
    return static_cast<long long>(static_cast<uint64_t>(index) << unused) >> unused;
}

void refuse_index(const IndexDescription& description, uintptr_t index, uint32_t pc) {
    if (active != nullptr) {
        active->fail(Verdict::out_of_bounds, pc, "index %lld of an array %s",
                     value_of(index, *description.index), description.array->name);
    }
}

}  // namespace

}  // namespace weave

extern "C" {

__attribute__((weak, noinline)) void __ubsan_handle_out_of_bounds(
    const weave::IndexDescription* description, uintptr_t index) {
    weave::refuse_index(*description, index, WEAVE_PC);
}

__attribute__((weak, noinline)) void __ubsan_handle_out_of_bounds_abort(
    const weave::IndexDescription* description, uintptr_t index) {
    weave::refuse_index(*description, index, WEAVE_PC);
}
}
