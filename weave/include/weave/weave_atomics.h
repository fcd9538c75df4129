/* Spurious failures of weak compare-exchanges. weave's flags add `-include weave_atomics.h` to
   every file under test; no program includes it itself. clang instruments a weak compare-exchange
   like a strong one. The macros below make a weak one first ask the runtime whether to fail
   spuriously
   ([atomics.types.operations]); a strong one compiles to what it was. gcc needs no macros, as it
   instruments the two differently. */
#ifndef WEAVE_ATOMICS_H
#define WEAVE_ATOMICS_H

#ifndef __ASSEMBLER__

#if defined(__clang__)
#pragma GCC system_header

#if defined(__x86_64__) && !defined(WEAVE_IS_NOT_THE_PROGRAM)
/* Atomic instructions in inline assembly. The assembler's macros have the names of the
   instructions, and put a mark before each, an instruction that traps; the runtime then says where
   it is. What the compiler itself makes of atomic operations goes through no macro. A macro's name
   is case-sensitive and that of an instruction is not: this is how a macro uses what it replaces.
   `lock` is a prefix, and may stand by itself. */
__asm__(
    ".ifndef .Lweave_macros\n"
    ".set .Lweave_macros, 1\n"
    ".macro .Lweave_mark\n .byte 0x0f, 0xb9, 0x40, 0x77\n .endm\n"
    ".macro lock rest:vararg\n .Lweave_mark\n .byte 0xf0\n \\rest\n .endm\n"
    ".macro LOCK rest:vararg\n .Lweave_mark\n .byte 0xf0\n \\rest\n .endm\n"
    ".macro mfence\n .Lweave_mark\n MFENCE\n .endm\n"
    ".macro xchg rest:vararg\n .Lweave_mark\n XCHG \\rest\n .endm\n"
    ".macro xchgb rest:vararg\n .Lweave_mark\n XCHGB \\rest\n .endm\n"
    ".macro xchgw rest:vararg\n .Lweave_mark\n XCHGW \\rest\n .endm\n"
    ".macro xchgl rest:vararg\n .Lweave_mark\n XCHGL \\rest\n .endm\n"
    ".macro xchgq rest:vararg\n .Lweave_mark\n XCHGQ \\rest\n .endm\n"
    ".endif\n");
#endif

/* The macros have the names of the compiler's built-in functions, which they replace. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__OPTIMIZE__) && !defined(WEAVE_IS_NOT_THE_PROGRAM)
/* Tells the runtime that accesses may be missing, because the optimiser has removed them. */
extern const char __weave_is_optimised;
__attribute__((weak, used)) const char __weave_is_optimised = 1;
#endif
int __weave_exchange_fails(const volatile void* object, const volatile void* expected,
                           unsigned long size, int failure_order);
int __weave_exchange_of_word_fails(const volatile void* object, unsigned long expected,
                                   unsigned long size, int failure_order);
#ifdef __cplusplus
}

/* A function may stand wherever the built-in one may: at file scope and in decltype too. */
#define WEAVE_FUNCTION __attribute__((always_inline, nothrow, artificial)) inline

template <class T>
struct __weave_same {
    typedef T type;
};

template <class O, class T>
WEAVE_FUNCTION bool __weave_compare_exchange_n(O* object, T* expected,
                                               typename __weave_same<T>::type desired, bool is_weak,
                                               int success, int failure) {
    if (is_weak &&
        (sizeof(T) <= sizeof(unsigned long)
             ? __weave_exchange_of_word_fails(object, (unsigned long)*expected, sizeof(T), failure)
             : __weave_exchange_fails(object, expected, sizeof(T), failure))) {
        return false;
    }
    return (__atomic_compare_exchange_n)(object, expected, desired, is_weak, success, failure);
}
template <class O, class T, class D>
WEAVE_FUNCTION bool __weave_compare_exchange(O* object, T* expected, D* desired, bool is_weak,
                                             int success, int failure) {
    if (is_weak && __weave_exchange_fails(object, expected, sizeof(T), failure)) {
        return false;
    }
    return (__atomic_compare_exchange)(object, expected, desired, is_weak, success, failure);
}
template <class O, class T>
WEAVE_FUNCTION bool __weave_compare_exchange_weak(O* object, T* expected,
                                                  typename __weave_same<T>::type desired,
                                                  int success, int failure) {
    if (__weave_exchange_fails(object, expected, sizeof(T), failure)) {
        return false;
    }
    return (__c11_atomic_compare_exchange_weak)(object, expected, desired, success, failure);
}
#define __atomic_compare_exchange_n(object, expected, desired, is_weak, success, failure) \
    __weave_compare_exchange_n(object, expected, desired, is_weak, success, failure)
#define __atomic_compare_exchange(object, expected, desired, is_weak, success, failure) \
    __weave_compare_exchange(object, expected, desired, is_weak, success, failure)
#define __c11_atomic_compare_exchange_weak(object, expected, desired, success, failure) \
    __weave_compare_exchange_weak(object, expected, desired, success, failure)

/* The try_lock() functions of C++ may fail for no reason, and its shared locks may not be taken
   twice by a thread; POSIX has other rules. What C++ code calls therefore has another name at link
   time. */
#pragma redefine_extname pthread_mutex_trylock __weave_cxx_mutex_trylock
#pragma redefine_extname pthread_rwlock_rdlock __weave_cxx_rwlock_rdlock
#pragma redefine_extname pthread_rwlock_tryrdlock __weave_cxx_rwlock_tryrdlock
#pragma redefine_extname pthread_rwlock_trywrlock __weave_cxx_rwlock_trywrlock

#else

/* Each argument is evaluated once, as in a function call. A word is passed by value: a variable
   whose address is never taken stays in a register, and its accesses are not instrumented. */
#define __atomic_compare_exchange_n(object, expected, desired, is_weak, success, failure)         \
    __extension__({                                                                               \
        __auto_type weave_object = (object);                                                      \
        __auto_type weave_expected = (expected);                                                  \
        __typeof__(*weave_expected) weave_desired = (desired);                                    \
        ((is_weak) &&                                                                             \
         (sizeof(*weave_object) <= sizeof(unsigned long)                                          \
              ? __weave_exchange_of_word_fails(weave_object, (unsigned long)*weave_expected,      \
                                               sizeof(*weave_object), failure)                    \
              : __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object),       \
                                       failure)))                                                 \
            ? 0                                                                                   \
            : (__atomic_compare_exchange_n)(weave_object, weave_expected, weave_desired, is_weak, \
                                            success, failure);                                    \
    })
#define __atomic_compare_exchange(object, expected, desired, is_weak, success, failure)         \
    __extension__({                                                                             \
        __auto_type weave_object = (object);                                                    \
        __auto_type weave_expected = (expected);                                                \
        __auto_type weave_desired = (desired);                                                  \
        ((is_weak) &&                                                                           \
         __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object), failure))  \
            ? 0                                                                                 \
            : (__atomic_compare_exchange)(weave_object, weave_expected, weave_desired, is_weak, \
                                          success, failure);                                    \
    })
#define __c11_atomic_compare_exchange_weak(object, expected, desired, success, failure)         \
    __extension__({                                                                             \
        __auto_type weave_object = (object);                                                    \
        __auto_type weave_expected = (expected);                                                \
        __typeof__(*weave_expected) weave_desired = (desired);                                  \
        __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object), failure)    \
            ? 0                                                                                 \
            : (__c11_atomic_compare_exchange_weak)(weave_object, weave_expected, weave_desired, \
                                                   success, failure);                           \
    })

#endif
/* NOLINTEND(bugprone-reserved-identifier) */
#endif

#if defined(__cplusplus) && __cplusplus >= 202002L
/* A C++20 atomic wait of libstdc++ looks at the object 16 times before it sleeps. Each look is a
   choice point, so that a search would almost never get to the sleep before another thread runs.
   This overload, which is more specialised than libstdc++'s, looks once: the looks after it would
   find the same, or be those of the next round. */
namespace std {
namespace __detail {
struct __default_spin_policy;
template <class Predicate>
inline bool __atomic_spin(Predicate& is_done, const __default_spin_policy&) noexcept {
    return is_done();
}
}  // namespace __detail
}  // namespace std
#endif

#endif

#endif
