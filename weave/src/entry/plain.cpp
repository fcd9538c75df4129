// Plain accesses: defines what the compiler calls for them under -fsanitize=thread, namely
// __tsan_read*, __tsan_write*, their volatile, unaligned and range versions, __tsan_vptr_* and
// __tsan_mem*.
//
// A plain access is not a choice point, unless Options::plain_choice_points is set: if another
// thread could notice it, it is a data race, which is found anyway.
#include <cstring>

#include "model/locals.h"
#include "model/plain.h"
#include "model/spin.h"
#include "run/execution.h"
#include "run/image.h"

namespace weave {

namespace {

__attribute__((noinline)) bool access_the_long_way(uintptr_t address, size_t size, bool is_write,
                                                   uint32_t pc) {
    const bool is_new = address % 8 + size <= 8 && is_unseen(*active)
                            ? plain_access_of_cell(*active, address, size, is_write, pc)
                            : plain_access(*active, address, size, is_write, pc);
    clean_stack(active->current());
    return is_new;
}

__attribute__((noinline)) void access_after_others(uintptr_t address, size_t size, bool is_write,
                                                   uint32_t pc) {
    active->choice_point(OperationKind::other, 0);
    access_the_long_way(address, size, is_write, pc);
}

/// The access if plain accesses are choice points, or if one access of this execution is held back.
__attribute__((noinline)) void access_with_others(uintptr_t address, size_t size, bool is_write,
                                                  bool is_volatile, uint32_t pc) {
    if (is_in_frames(address)) {
        check_frame(*active, address, size, is_write, pc);
    }
    if (active->settings().plain_choice_points ||
        (!access_the_long_way(address, size, is_write, pc) && is_volatile)) {
        access_after_others(address, size, is_write, pc);
    }
}

/// What is left to do after an access. A repeated volatile one may be a loop that waits: other
/// threads may run. It is still a plain access, so if another thread writes the object, that is a
/// data race.
template <unsigned Size, bool IsWrite, bool IsVolatile>
WEAVE_HOT void end_access(Quick quick, uintptr_t address, const void* return_address) {
    if (IsVolatile && quick == Quick::repeated) [[unlikely]] {
        return access_after_others(address, Size, IsWrite, pc_of(return_address));
    }
}

/// An access to a cell that the thread can make its own, or any other.
template <unsigned Size, bool IsWrite>
WEAVE_HOT Quick access_either_way(uintptr_t address, const void* return_address) {
    if constexpr (Size == 4 || Size == 8) {
        const Quick quick = access_to_own<Size, IsWrite>(*active, address, return_address);
        if (quick != Quick::no) [[likely]] {
            return quick;
        }
    }
    if constexpr (!IsWrite && Size <= 8) {
        const Quick quick =
            is_unseen(*active) ? read_in_list<Size>(*active, address, return_address) : Quick::no;
        if (quick != Quick::no) [[likely]] {
            clean_stack(active->current());
            return quick;
        }
    }
    const bool is_new = access_the_long_way(address, Size, IsWrite, pc_of(return_address));
    return is_new ? Quick::is_new : Quick::repeated;
}

/// An access that neither of the quick ways is for.
template <unsigned Size, bool IsWrite, bool IsVolatile>
__attribute__((noinline)) void access_slowly(uintptr_t address, const void* return_address) {
    if (is_coverage_counter(address)) [[unlikely]] {
        return;
    }
    const uint32_t pc = pc_of(return_address);
    if (!active->has_quick_way()) [[unlikely]] {
        return access_with_others(address, Size, IsWrite, IsVolatile, pc);
    }
    Quick quick = Quick::no;
    if (Size == 16 && address % 8 == 0 && is_unseen(*active)) {
        const Quick first = access_either_way<8, IsWrite>(address, return_address);
        const Quick second = access_either_way<8, IsWrite>(address + 8, return_address);
        quick = first == Quick::repeated ? second : first;
    } else {
        quick = access_either_way<Size, IsWrite>(address, return_address);
    }
    end_access<Size, IsWrite, IsVolatile>(quick, address, return_address);
}

/// An access to a cell that another thread owns.
template <unsigned Size, bool IsWrite, bool IsVolatile>
__attribute__((noinline)) void access_others(uintptr_t address, const void* return_address,
                                             Cell& cell) {
    const Quick quick = access_of_other<Size, IsWrite>(*active, cell, address, return_address);
    if (quick == Quick::no) [[unlikely]] {
        return access_slowly<Size, IsWrite, IsVolatile>(address, return_address);
    }
    clean_stack(active->current());
    end_access<Size, IsWrite, IsVolatile>(quick, address, return_address);
}

// What is not inline here is a last call, so that the quick way saves no registers.
template <unsigned Size, bool IsWrite, bool IsVolatile = false>
WEAVE_HOT void access(void* pointer, const void* return_address) {
    if (active == nullptr) {
        return;
    }
    const auto address = reinterpret_cast<uintptr_t>(pointer);
    if constexpr (Size == 4 || Size == 8) {
        Execution& execution = *active;
        Cell* const cell = execution.cells.recent(address);
        if (address % Size == 0 && cell != nullptr) [[likely]] {
            const uint64_t differing = cell->header() ^ header_of_own<Size>(execution.current());
            if (differing == 0) [[likely]] {
                const Quick quick =
                    access_own<Size, IsWrite>(execution, *cell, address, return_address);
                return end_access<Size, IsWrite, IsVolatile>(quick, address, return_address);
            }
            if (Cell::differ_in_owner(differing) && cell->owner != 0) {
                return access_others<Size, IsWrite, IsVolatile>(address, return_address, *cell);
            }
        }
    }
    access_slowly<Size, IsWrite, IsVolatile>(address, return_address);
}

}  // namespace

}  // namespace weave

/// The address that the entry point returns to.
#define WEAVE_CALLER __builtin_return_address(0)

#define WEAVE_PLAIN(SIZE)                                                                      \
    void __tsan_read##SIZE(void* p) { weave::access<SIZE, false>(p, WEAVE_CALLER); }           \
    void __tsan_write##SIZE(void* p) { weave::access<SIZE, true>(p, WEAVE_CALLER); }           \
    void __tsan_unaligned_read##SIZE(void* p) { weave::access<SIZE, false>(p, WEAVE_CALLER); } \
    void __tsan_unaligned_write##SIZE(void* p) { weave::access<SIZE, true>(p, WEAVE_CALLER); } \
    void __tsan_volatile_read##SIZE(void* p) {                                                 \
        weave::access<SIZE, false, true>(p, WEAVE_CALLER);                                     \
    }                                                                                          \
    void __tsan_volatile_write##SIZE(void* p) {                                                \
        weave::access<SIZE, true, true>(p, WEAVE_CALLER);                                      \
    }                                                                                          \
    void __tsan_unaligned_volatile_read##SIZE(void* p) {                                       \
        weave::access<SIZE, false, true>(p, WEAVE_CALLER);                                     \
    }                                                                                          \
    void __tsan_unaligned_volatile_write##SIZE(void* p) {                                      \
        weave::access<SIZE, true, true>(p, WEAVE_CALLER);                                      \
    }                                                                                          \
    void __tsan_read_write##SIZE(void* p) {                                                    \
        weave::access<SIZE, false>(p, WEAVE_CALLER);                                           \
        weave::access<SIZE, true>(p, WEAVE_CALLER);                                            \
    }                                                                                          \
    void __tsan_unaligned_read_write##SIZE(void* p) {                                          \
        weave::access<SIZE, false>(p, WEAVE_CALLER);                                           \
        weave::access<SIZE, true>(p, WEAVE_CALLER);                                            \
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
                            weave::pc_of(WEAVE_CALLER));
    }
}

void __tsan_write_range(void* p, unsigned long size) {
    if (weave::active != nullptr) {
        weave::plain_access(*weave::active, reinterpret_cast<uintptr_t>(p), size, true,
                            weave::pc_of(WEAVE_CALLER));
    }
}

void __tsan_vptr_read(void** p) { weave::access<8, false>(p, WEAVE_CALLER); }

void __tsan_vptr_update(void** p, void* new_vptr) {
    // A destructor that sets the pointer to the value it has does not conflict with readers.
    if (*p != new_vptr) {
        weave::access<8, true>(p, WEAVE_CALLER);
    }
}

void* __tsan_memcpy(void* to, const void* from, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(to),
                          reinterpret_cast<uintptr_t>(from), size, weave::pc_of(WEAVE_CALLER));
    }
    return std::memcpy(to, from, size);
}

void* __tsan_memmove(void* to, const void* from, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(to),
                          reinterpret_cast<uintptr_t>(from), size, weave::pc_of(WEAVE_CALLER));
    }
    return std::memmove(to, from, size);
}

void* __tsan_memset(void* to, int value, size_t size) {
    if (weave::active != nullptr) {
        weave::plain_access(*weave::active, reinterpret_cast<uintptr_t>(to), size, true,
                            weave::pc_of(WEAVE_CALLER));
    }
    return std::memset(to, value, size);
}

/// Each instrumented file calls it before main().
void __tsan_init() { ++weave::instrumented_files; }
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
}
