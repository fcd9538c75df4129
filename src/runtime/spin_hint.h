// What a thread does in a loop in which it waits for another thread.
#pragma once

namespace pto {

/// Tells the core that this is a spin loop. Orders nothing.
inline void spin_hint() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace pto
