/* Spurious failures of weak compare-exchanges. weave's flags add `-include weave_atomics.h` to
   every file under test; no program includes it itself. clang instruments a weak compare-exchange
   like a strong one. The macros below make a weak one first ask the runtime whether to fail
   spuriously
   ([atomics.types.operations]); a strong one compiles to what it was. gcc needs no macros, as it
   instruments the two differently. */
#ifndef WEAVE_ATOMICS_H
#define WEAVE_ATOMICS_H

#if defined(__clang__)

/* The macros have the names of the compiler's built-in functions, which they replace. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */

#ifdef __cplusplus
#define WEAVE_AUTO auto
extern "C" {
#else
#define WEAVE_AUTO __auto_type
#endif
int __weave_exchange_fails(const volatile void* object, const volatile void* expected,
                           unsigned long size, int failure_order);
int __weave_exchange_of_word_fails(const volatile void* object, unsigned long expected,
                                   unsigned long size, int failure_order);
#ifdef __cplusplus
}
#endif

/* Each argument is evaluated once, as in a function call. A word is passed by value: a variable
   whose address is never taken stays in a register, and its accesses are not instrumented. */
#define __atomic_compare_exchange_n(object, expected, desired, is_weak, success, failure)         \
    __extension__({                                                                               \
        WEAVE_AUTO weave_object = (object);                                                       \
        WEAVE_AUTO weave_expected = (expected);                                                   \
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
        WEAVE_AUTO weave_object = (object);                                                     \
        WEAVE_AUTO weave_expected = (expected);                                                 \
        WEAVE_AUTO weave_desired = (desired);                                                   \
        ((is_weak) &&                                                                           \
         __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object), failure))  \
            ? 0                                                                                 \
            : (__atomic_compare_exchange)(weave_object, weave_expected, weave_desired, is_weak, \
                                          success, failure);                                    \
    })
#define __c11_atomic_compare_exchange_weak(object, expected, desired, success, failure)         \
    __extension__({                                                                             \
        WEAVE_AUTO weave_object = (object);                                                     \
        WEAVE_AUTO weave_expected = (expected);                                                 \
        __typeof__(*weave_expected) weave_desired = (desired);                                  \
        __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object), failure)    \
            ? 0                                                                                 \
            : (__c11_atomic_compare_exchange_weak)(weave_object, weave_expected, weave_desired, \
                                                   success, failure);                           \
    })

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
