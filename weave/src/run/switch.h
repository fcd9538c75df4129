// A switch from one stack to another, on x86-64.
//
// It is a large part of a turn, so it is inline: the compiler saves only the registers that are in
// use. The control words of floating-point arithmetic, such as the rounding mode, are each stack's
// own; loading them is slow, and most often they are the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

/// A stack that does not run.
struct Suspended {
    void* stack;  ///< the lowest address in use
    uint32_t vector_control;
    uint16_t x87_control;
};

/// A stack of `size` bytes from `lowest` on that, when switched to, runs `function`, which must not
/// return. Its control words are those of the caller.
inline Suspended begin_stack(char* lowest, size_t size, void (*function)()) {
    // Where `function` begins, and the address that it would return to: null, which ends a walk up
    // the stack. A called function may expect that address right below a multiple of 16 bytes.
    auto* const top = reinterpret_cast<uintptr_t*>(lowest + size) - 4;
    WEAVE_CHECK(reinterpret_cast<uintptr_t>(top) % 16 == 0, lowest, size);
    top[0] = reinterpret_cast<uintptr_t>(function);
    top[1] = 0;
    Suspended begun{top, 0, 0};
    asm("stmxcsr %0" : "=m"(begun.vector_control));
    asm("fnstcw %0" : "=m"(begun.x87_control));
    return begun;
}

/// Continues where `to` was left. `from` then tells where the stack that was left here continues.
WEAVE_HOT void switch_stack(Suspended& from, const Suspended& to) {
    asm volatile("stmxcsr %0" : "=m"(from.vector_control));
    asm volatile("fnstcw %0" : "=m"(from.x87_control));
    if (from.vector_control != to.vector_control) [[unlikely]] {
        asm volatile("ldmxcsr %0" : : "m"(to.vector_control));
    }
    if (from.x87_control != to.x87_control) [[unlikely]] {
        asm volatile("fldcw %0" : : "m"(to.x87_control));
    }
    void** left = &from.stack;
    void* next = to.stack;
    // 128 bytes below the stack pointer may be in use. The function that begins a stack saves
    // registers there: they are 0, so that nothing on it depends on what ran before.
    asm volatile(
        "leaq -128(%%rsp), %%rsp\n\t"
        "pushq %%rbp\n\t"
        "leaq 1f(%%rip), %%rax\n\t"
        "pushq %%rax\n\t"
        "movq %%rsp, (%[left])\n\t"
        "movq %[next], %%rsp\n\t"
        "popq %%rax\n\t"
        "xorl %%ebx, %%ebx\n\t"
        "xorl %%ebp, %%ebp\n\t"
        "xorl %%r12d, %%r12d\n\t"
        "xorl %%r13d, %%r13d\n\t"
        "xorl %%r14d, %%r14d\n\t"
        "xorl %%r15d, %%r15d\n\t"
        "jmpq *%%rax\n"
        "1:\n\t"
        "popq %%rbp\n\t"
        "leaq 128(%%rsp), %%rsp"
        : [left] "+D"(left), [next] "+S"(next)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
          "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}

}  // namespace weave
