// From one stack to another.
//
// A switch saves the place and the frame pointer; whatever else the program wants preserved has
// been saved by the compiler around it, since the switch says that it changes all registers.
#pragma once

#include <cstdint>

#include "base.h"

namespace weave {

#if !defined(__x86_64__)
#error "weave knows how to switch stacks on x86-64 only"
#endif

/// A stack that, when switched to, runs `function`, which must not return.
inline void* begin_stack(char* lowest, size_t size, void (*function)()) {
    // As a call would leave it: 8 bytes below a multiple of 16, where the return address is.
    auto* const top = reinterpret_cast<uint64_t*>(lowest + size);
    top[-1] = 0;
    top[-2] = reinterpret_cast<uint64_t>(function);
    return top - 2;
}

/// Goes on where `to` was left. Whoever is left here is found in `from`.
__attribute__((always_inline)) inline void switch_stack(void*& from, void* to) {
    void** place = &from;
    // The 128 bytes below the stack pointer are in use in functions that call nothing else.
    asm volatile(
        "lea -128(%%rsp), %%rsp\n\t"
        "push %%rbp\n\t"
        "lea 1f(%%rip), %%rax\n\t"
        "push %%rax\n\t"
        "mov %%rsp, (%0)\n\t"
        "mov %1, %%rsp\n\t"
        "pop %%rax\n\t"
        "jmp *%%rax\n"
        "1:\n\t"
        "pop %%rbp\n\t"
        "lea 128(%%rsp), %%rsp"
        : "+D"(place), "+S"(to)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
          "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}

/// How a thread rounds, and which floating-point errors it traps. Whoever changes that, changes it
/// for both units of the processor, so that looking at one of them is enough; looking at the old
/// one takes as long as the rest of a switch.
struct FloatingPoint {
    uint32_t control = 0;
    uint32_t old_control = 0;  ///< of the x87

    static uint32_t current_control() {
        uint32_t control;
        asm volatile("stmxcsr %0" : "=m"(control));
        // The lowest bits tell what has happened, and are nobody's setting.
        constexpr uint32_t happened = 0x3f;
        return control & ~happened;
    }

    static FloatingPoint current() {
        FloatingPoint now;
        now.control = current_control();
        asm volatile("fnstcw %0" : "=m"(now.old_control));
        return now;
    }

    void set() const {
        asm volatile("ldmxcsr %0" : : "m"(control));
        asm volatile("fldcw %0" : : "m"(old_control));
    }
};

}  // namespace weave
