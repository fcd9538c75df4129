/* Forced into every file that weave checks, by -include. clang's instrumentation does not tell a
   weak compare-exchange from a strong one, so a weak one first asks the runtime whether to fail
   though it need not; a strong one folds to what it was. gcc tells them apart. */
#ifndef WEAVE_ATOMICS_H
#define WEAVE_ATOMICS_H

#if defined(__clang__)

#ifdef __cplusplus
extern "C" {
#endif
int __weave_exchange_fails(const volatile void* object, const volatile void* expected,
                           unsigned long size, int failure_order);
int __weave_exchange_of_word_fails(const volatile void* object, unsigned long expected,
                                   unsigned long size, int failure_order);
#ifdef __cplusplus
}
#endif

/* A word goes by value: a variable whose address nobody takes stays in a register, and its accesses
   are not instrumented. */
#define __atomic_compare_exchange_n(object, expected, desired, is_weak, success, failure)        \
    (((is_weak) && (sizeof(*(object)) <= sizeof(unsigned long)                                   \
                        ? __weave_exchange_of_word_fails(object, (unsigned long)*(expected),     \
                                                         sizeof(*(object)), failure)             \
                        : __weave_exchange_fails(object, expected, sizeof(*(object)), failure))) \
         ? 0                                                                                     \
         : (__atomic_compare_exchange_n)(object, expected, desired, is_weak, success, failure))
#define __atomic_compare_exchange(object, expected, desired, is_weak, success, failure)  \
    (((is_weak) && __weave_exchange_fails(object, expected, sizeof(*(object)), failure)) \
         ? 0                                                                             \
         : (__atomic_compare_exchange)(object, expected, desired, is_weak, success, failure))

#endif
#endif
