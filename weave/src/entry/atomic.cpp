// Atomic operations: defines what the compiler calls for them under -fsanitize=thread, namely
// __tsan_atomic{8,16,32,64,128}_* and the fences, and what weave_atomics.h calls before a weak
// compare-exchange. The choice points are in model/, which has the memory model.
//
// Outside of an execution each does its operation on the real memory, sequentially consistent.
#include <cstring>

#include "model/atomic.h"
#include "model/sites.h"
#include "model/spin.h"
#include "run/check.h"
#include "run/execution.h"

namespace weave {

namespace {

using std::memory_order;

__extension__ using Wide = unsigned __int128;

template <class T>
Value to_value(T x) {
    Value value;
    std::memcpy(&value, &x, sizeof x);
    return value;
}

template <class T>
T from_value(const Value& value) {
    T x;
    std::memcpy(&x, &value, sizeof x);
    return x;
}

/// The memory order in the lower bits of an argument; the compiler may add hints above them.
memory_order order_of(int order) { return static_cast<memory_order>(order & 0x7fff); }

struct Exchange {
    template <class T>
    static T of(T, T operand) {
        return operand;
    }
};
struct Add {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(old + operand);
    }
};
struct Subtract {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(old - operand);
    }
};
struct And {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(old & operand);
    }
};
struct Or {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(old | operand);
    }
};
struct Xor {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(old ^ operand);
    }
};
struct Nand {
    template <class T>
    static T of(T old, T operand) {
        return static_cast<T>(~(old & operand));
    }
};

template <class T, class Change>
Value modified(Value old, Value operand, unsigned) {
    return to_value<T>(Change::template of<T>(from_value<T>(old), from_value<T>(operand)));
}

/// A read-modify-write outside of an execution. It is atomic for up to 8 bytes, for programs that
/// use real threads there; 16 bytes are not.
template <class T, class Change>
T modify_for_real(volatile T* object, T operand) {
    if constexpr (sizeof(T) <= 8) {
        T old = __atomic_load_n(object, __ATOMIC_SEQ_CST);
        while (!__atomic_compare_exchange_n(object, &old, Change::template of<T>(old, operand),
                                            true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        }
        return old;
    } else {
        const T old = *object;
        *object = Change::template of<T>(old, operand);
        return old;
    }
}

template <class T>
AtomicAccess access_of(const volatile T* object, SiteKind kind, int order,
                       const void* return_address) {
    const uint32_t pc = pc_of(return_address);
    return {reinterpret_cast<uintptr_t>(object), sizeof(T), pc,
            order_at(kind, pc, order_of(order))};
}

template <class T>
T load(const volatile T* object, int order, const void* pc, const void* frame) {
    if (active == nullptr) {
        if constexpr (sizeof(T) <= 8) {
            return __atomic_load_n(object, __ATOMIC_SEQ_CST);
        } else {
            return *object;
        }
    }
    const Value value =
        atomic_load<sizeof(T)>(*active, access_of(object, SiteKind::load, order, pc), frame);
    clean_stack(active->current());
    return from_value<T>(value);
}

template <class T>
void store(volatile T* object, T value, int order, const void* pc) {
    if (active == nullptr) {
        if constexpr (sizeof(T) <= 8) {
            __atomic_store_n(object, value, __ATOMIC_SEQ_CST);
        } else {
            *object = value;
        }
        return;
    }
    atomic_store<sizeof(T)>(*active, access_of(object, SiteKind::store, order, pc),
                            to_value(value));
    clean_stack(active->current());
}

template <class T, class Change>
T modify(volatile T* object, T operand, int order, const void* pc, const void* frame) {
    if (active == nullptr) {
        return modify_for_real<T, Change>(object, operand);
    }
    const Value old = atomic_modify<sizeof(T)>(*active, access_of(object, SiteKind::rmw, order, pc),
                                               modified<T, Change>, to_value(operand), frame);
    clean_stack(active->current());
    return from_value<T>(old);
}

template <class T>
WEAVE_FROM_ENTRY T compare_exchange(volatile T* object, T expected, T desired, int order,
                                    int failure, bool is_weak, bool& success, const void* pc,
                                    const void* frame) {
    if (active == nullptr) {
        if constexpr (sizeof(T) <= 8) {
            success = __atomic_compare_exchange_n(object, &expected, desired, false,
                                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        } else {
            const T old = *object;
            success = old == expected;
            if (success) {
                *object = desired;
            }
            expected = old;
        }
        return expected;
    }
    const AtomicAccess access = access_of(object, SiteKind::compare_exchange, order, pc);
    const AtomicAccess load = access_of(object, SiteKind::failure, failure, pc);
    if (is_weak && atomic_exchange_fails<sizeof(T)>(*active, load, to_value(expected), frame)) {
        clean_stack(active->current());
        success = false;
        return expected;
    }
    const Value old = atomic_compare_exchange<sizeof(T)>(
        *active, access, load.order, to_value(expected), to_value(desired), success, frame);
    clean_stack(active->current());
    return from_value<T>(old);
}

template <unsigned Size>
WEAVE_HOT bool exchange_of_size_fails(const volatile void* object, Value expected, uint32_t pc,
                                      memory_order order, const void* frame) {
    return atomic_exchange_fails<Size>(
        *active, {reinterpret_cast<uintptr_t>(object), Size, pc, order}, expected, frame);
}

WEAVE_FROM_ENTRY bool exchange_fails(const volatile void* object, Value expected, size_t size,
                                     int failure_order, const void* return_address,
                                     const void* frame) {
    WEAVE_CHECK(size <= sizeof(Value) && (size & (size - 1)) == 0, size);
    const uint32_t pc = pc_of(return_address);
    const memory_order order = order_at(SiteKind::failure, pc, order_of(failure_order));
    bool fails = false;
    if (size == sizeof(uint64_t)) [[likely]] {
        fails = exchange_of_size_fails<sizeof(uint64_t)>(object, expected, pc, order, frame);
    } else {
        with_size(static_cast<unsigned>(size), [&](auto known) {
            fails = exchange_of_size_fails<known>(object, expected, pc, order, frame);
        });
    }
    clean_stack(active->current());
    return fails;
}

}  // namespace

}  // namespace weave

/// The address that the entry point returns to.
#define WEAVE_CALLER __builtin_return_address(0)

#define WEAVE_MODIFY(BITS, T, NAME, CHANGE)                                                        \
    __attribute__((noinline)) T __tsan_atomic##BITS##_##NAME(volatile T* object, T operand,        \
                                                             int order) {                          \
        return weave::modify<T, weave::CHANGE>(object, operand, order, WEAVE_CALLER, WEAVE_FRAME); \
    }

#define WEAVE_ATOMIC(BITS, T)                                                                     \
    __attribute__((noinline)) T __tsan_atomic##BITS##_load(const volatile T* object, int order) { \
        return weave::load<T>(object, order, WEAVE_CALLER, WEAVE_FRAME);                          \
    }                                                                                             \
    void __tsan_atomic##BITS##_store(volatile T* object, T value, int order) {                    \
        weave::store<T>(object, value, order, WEAVE_CALLER);                                      \
    }                                                                                             \
    WEAVE_MODIFY(BITS, T, exchange, Exchange)                                                     \
    WEAVE_MODIFY(BITS, T, fetch_add, Add)                                                         \
    WEAVE_MODIFY(BITS, T, fetch_sub, Subtract)                                                    \
    WEAVE_MODIFY(BITS, T, fetch_and, And)                                                         \
    WEAVE_MODIFY(BITS, T, fetch_or, Or)                                                           \
    WEAVE_MODIFY(BITS, T, fetch_xor, Xor)                                                         \
    WEAVE_MODIFY(BITS, T, fetch_nand, Nand)                                                       \
    __attribute__((noinline)) int __tsan_atomic##BITS##_compare_exchange_strong(                  \
        volatile T* object, T* expected, T desired, int order, int failure) {                     \
        bool success = false;                                                                     \
        *expected = weave::compare_exchange<T>(object, *expected, desired, order, failure, false, \
                                               success, WEAVE_CALLER, WEAVE_FRAME);               \
        return success;                                                                           \
    }                                                                                             \
    __attribute__((noinline)) int __tsan_atomic##BITS##_compare_exchange_weak(                    \
        volatile T* object, T* expected, T desired, int order, int failure) {                     \
        bool success = false;                                                                     \
        *expected = weave::compare_exchange<T>(object, *expected, desired, order, failure, true,  \
                                               success, WEAVE_CALLER, WEAVE_FRAME);               \
        return success;                                                                           \
    }                                                                                             \
    __attribute__((noinline)) T __tsan_atomic##BITS##_compare_exchange_val(                       \
        volatile T* object, T expected, T desired, int order, int failure) {                      \
        bool success = false;                                                                     \
        return weave::compare_exchange<T>(object, expected, desired, order, failure, false,       \
                                          success, WEAVE_CALLER, WEAVE_FRAME);                    \
    }

extern "C" {

WEAVE_ATOMIC(8, uint8_t)
WEAVE_ATOMIC(16, uint16_t)
WEAVE_ATOMIC(32, uint32_t)
WEAVE_ATOMIC(64, uint64_t)
WEAVE_ATOMIC(128, weave::Wide)

__attribute__((noinline)) void __tsan_atomic_thread_fence(int order) {
    if (weave::active == nullptr) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return;
    }
    const uint32_t pc = weave::pc_of(WEAVE_CALLER);
    weave::atomic_fence(*weave::active,
                        weave::order_at(weave::SiteKind::fence, pc, weave::order_of(order)), pc);
    weave::clean_stack(weave::active->current());
}

void __tsan_atomic_signal_fence(int) {}

/// Called by weave_atomics.h before a weak compare-exchange. Returns 1 if it fails spuriously; then
/// it is not executed.
__attribute__((noinline)) int __weave_exchange_fails(const volatile void* object,
                                                     const volatile void* expected,
                                                     unsigned long size, int failure_order) {
    if (weave::active == nullptr) {
        return 0;
    }
    weave::Value value;
    std::memcpy(&value, const_cast<const void*>(expected), size);
    return weave::exchange_fails(object, value, size, failure_order, WEAVE_CALLER, WEAVE_FRAME);
}

__attribute__((noinline)) int __weave_exchange_of_word_fails(const volatile void* object,
                                                             unsigned long expected,
                                                             unsigned long size,
                                                             int failure_order) {
    if (weave::active == nullptr) {
        return 0;
    }
    const unsigned unused_bits = size < sizeof expected ? 64 - 8 * static_cast<unsigned>(size) : 0;
    const weave::Value value{expected << unused_bits >> unused_bits, 0};
    return weave::exchange_fails(object, value, size, failure_order, WEAVE_CALLER, WEAVE_FRAME);
}
}
