// What all entry points share. An entry point is a function that the program under test calls, and
// that the runtime defines in place of the compiler's, the C library's or the C++ library's.
//
// Rules for every entry point:
//
//   - Outside of an execution (`active` is null) it does what the original does.
//   - If other threads could notice what it does, it begins with a choice point, which may run any
//   of
//     them first: Execution::choice_point(), or an operation of model/ that has one.
//   - It calls no allocator while an execution runs: malloc is the program's, and would change its
//     heap. Memory comes from Execution::arena.
//   - It has no static local object that needs a guard: __cxa_guard_acquire() is an entry point
//     itself. The runtime is compiled with -fno-threadsafe-statics.
//   - It is noinline where it passes WEAVE_PC on, which is the caller's address.
#pragma once

#include "run/check.h"
#include "run/execution.h"
#include "run/real.h"

/// The place in the program that called this entry point.
#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

/// Defines an entry point that returns an int: outside of an execution it is the system's function,
/// inside it runs the statements that follow, with `execution` and `pc`.
#define WEAVE_ENTRY_AS(SPECIFIER, NAME, PARAMETERS, ARGUMENTS, ...) \
    __attribute__((noinline)) int NAME PARAMETERS SPECIFIER {       \
        if (active == nullptr) {                                    \
            return WEAVE_REAL(NAME) ARGUMENTS;                      \
        }                                                           \
        Execution& execution = *active;                             \
        [[maybe_unused]] const uint32_t pc = WEAVE_PC;              \
        __VA_ARGS__                                                 \
    }
#define WEAVE_ENTRY(...) WEAVE_ENTRY_AS(noexcept, __VA_ARGS__)
