// The compiler's entry points for plain accesses: __tsan_read*, __tsan_write*, and its like.
#include <cstring>

#include "model/plain.h"
#include "model/spin.h"
#include "run/execution.h"

namespace weave {

namespace {

__attribute__((noinline)) bool access_the_long_way(uintptr_t address, size_t size, bool is_write,
                                                   uint32_t pc) {
    const bool is_new = plain_access(*active, address, size, is_write, pc);
    clean_stack(active->current());
    return is_new;
}

__attribute__((noinline)) void access_after_others(uintptr_t address, size_t size, bool is_write,
                                                   uint32_t pc) {
    active->choice_point(OperationKind::other, 0);
    access_the_long_way(address, size, is_write, pc);
}

/// Where plain accesses are choice points, or one is held.
__attribute__((noinline)) void access_with_others(uintptr_t address, size_t size, bool is_write,
                                                  bool is_volatile, uint32_t pc) {
    if (active->settings().plain_choice_points ||
        (!access_the_long_way(address, size, is_write, pc) && is_volatile)) {
        access_after_others(address, size, is_write, pc);
    }
}

template <unsigned Size, bool IsWrite, bool IsVolatile = false>
WEAVE_HOT void access(void* pointer, const void* return_address) {
    if (active == nullptr) {
        return;
    }
    const auto address = reinterpret_cast<uintptr_t>(pointer);
    const uint32_t pc = pc_of(return_address);
    if (!active->has_quick_accesses()) [[unlikely]] {
        return access_with_others(address, Size, IsWrite, IsVolatile, pc);
    }
    bool is_new = true;
    if (!is_quick_access<Size, IsWrite>(*active, address, pc, is_new)) [[unlikely]] {
        is_new = access_the_long_way(address, Size, IsWrite, pc);
    }
    // A volatile access is not an atomic one, so a race is all that others could make of it; but a
    // loop that waits in this way has to give way to them.
    if (IsVolatile && !is_new) [[unlikely]] {
        access_after_others(address, Size, IsWrite, pc);
    }
}

}  // namespace

}  // namespace weave

#define WEAVE_PC __builtin_return_address(0)

#define WEAVE_PLAIN(SIZE)                                                                       \
    void __tsan_read##SIZE(void* p) { weave::access<SIZE, false>(p, WEAVE_PC); }                \
    void __tsan_write##SIZE(void* p) { weave::access<SIZE, true>(p, WEAVE_PC); }                \
    void __tsan_unaligned_read##SIZE(void* p) { weave::access<SIZE, false>(p, WEAVE_PC); }      \
    void __tsan_unaligned_write##SIZE(void* p) { weave::access<SIZE, true>(p, WEAVE_PC); }      \
    void __tsan_volatile_read##SIZE(void* p) { weave::access<SIZE, false, true>(p, WEAVE_PC); } \
    void __tsan_volatile_write##SIZE(void* p) { weave::access<SIZE, true, true>(p, WEAVE_PC); } \
    void __tsan_unaligned_volatile_read##SIZE(void* p) {                                        \
        weave::access<SIZE, false, true>(p, WEAVE_PC);                                          \
    }                                                                                           \
    void __tsan_unaligned_volatile_write##SIZE(void* p) {                                       \
        weave::access<SIZE, true, true>(p, WEAVE_PC);                                           \
    }                                                                                           \
    void __tsan_read_write##SIZE(void* p) {                                                     \
        weave::access<SIZE, false>(p, WEAVE_PC);                                                \
        weave::access<SIZE, true>(p, WEAVE_PC);                                                 \
    }                                                                                           \
    void __tsan_unaligned_read_write##SIZE(void* p) {                                           \
        weave::access<SIZE, false>(p, WEAVE_PC);                                                \
        weave::access<SIZE, true>(p, WEAVE_PC);                                                 \
    }

extern "C" {

WEAVE_PLAIN(1)
WEAVE_PLAIN(2)
WEAVE_PLAIN(4)
WEAVE_PLAIN(8)
WEAVE_PLAIN(16)

void __tsan_read_range(void* p, unsigned long size) {
    if (weave::active != nullptr) {
        weave::plain_access(*weave::active, reinterpret_cast<uintptr_t>(p), size, false,
                            weave::pc_of(WEAVE_PC));
    }
}

void __tsan_write_range(void* p, unsigned long size) {
    if (weave::active != nullptr) {
        weave::plain_access(*weave::active, reinterpret_cast<uintptr_t>(p), size, true,
                            weave::pc_of(WEAVE_PC));
    }
}

void __tsan_vptr_read(void** p) { weave::access<8, false>(p, WEAVE_PC); }

void __tsan_vptr_update(void** p, void* new_vptr) {
    // A destructor sets the pointer that is already there: no conflict with readers.
    if (*p != new_vptr) {
        weave::access<8, true>(p, WEAVE_PC);
    }
}

void* __tsan_memcpy(void* to, const void* from, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(to),
                          reinterpret_cast<uintptr_t>(from), size, weave::pc_of(WEAVE_PC));
    }
    return std::memcpy(to, from, size);
}

void* __tsan_memmove(void* to, const void* from, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(to),
                          reinterpret_cast<uintptr_t>(from), size, weave::pc_of(WEAVE_PC));
    }
    return std::memmove(to, from, size);
}

void* __tsan_memset(void* to, int value, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_access(*weave::active, reinterpret_cast<uintptr_t>(to), size, true,
                            weave::pc_of(WEAVE_PC));
    }
    return std::memset(to, value, size);
}

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
}
