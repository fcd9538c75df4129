/* Forced into every file that weave checks, by -include. clang's instrumentation does not tell a
   weak compare-exchange from a strong one, so a weak one first asks the runtime whether to fail
   though it need not; a strong one folds to what it was. gcc tells them apart. */
#ifndef WEAVE_ATOMICS_H
#define WEAVE_ATOMICS_H

#if defined(__clang__)

#ifdef __cplusplus
extern "C"
#endif
    int
    __weave_exchange_fails(const volatile void* object, const volatile void* expected,
                           unsigned long size, int failure_order);

#ifdef __cplusplus
#define WEAVE_AUTO auto
#else
#define WEAVE_AUTO __auto_type
#endif

/* Arguments are evaluated once, as a function's are. */
#define WEAVE_EXCHANGE(builtin, object, expected, desired, is_weak, success, failure)            \
    __extension__({                                                                              \
        WEAVE_AUTO weave_object = (object);                                                      \
        WEAVE_AUTO weave_expected = (expected);                                                  \
        ((is_weak) && __weave_exchange_fails(weave_object, weave_expected,                       \
                                             sizeof(*weave_object), failure))                    \
            ? 0                                                                                  \
            : (builtin)(weave_object, weave_expected, desired, is_weak, success, failure);       \
    })
#define __atomic_compare_exchange_n(object, expected, desired, is_weak, success, failure)        \
    WEAVE_EXCHANGE(__atomic_compare_exchange_n, object, expected, desired, is_weak, success,     \
                   failure)
#define __atomic_compare_exchange(object, expected, desired, is_weak, success, failure)          \
    WEAVE_EXCHANGE(__atomic_compare_exchange, object, expected, desired, is_weak, success,       \
                   failure)
#define __c11_atomic_compare_exchange_weak(object, expected, desired, success, failure)          \
    __extension__({                                                                              \
        WEAVE_AUTO weave_object = (object);                                                      \
        WEAVE_AUTO weave_expected = (expected);                                                  \
        __weave_exchange_fails(weave_object, weave_expected, sizeof(*weave_object), failure)     \
            ? 0                                                                                  \
            : (__c11_atomic_compare_exchange_weak)(weave_object, weave_expected, desired,        \
                                                   success, failure);                            \
    })

#endif
#endif
