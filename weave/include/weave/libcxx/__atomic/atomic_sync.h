/* Found before libc++'s header of that name. A wait of libc++ reads many times before it sleeps.
   More reads lead to no other outcomes, so it sleeps here as soon as it has read once. It reads
   twice if the object is not itself a futex word, and looks at the number of its notifications
   between the two. */
#ifndef WEAVE_ATOMIC_SYNC_H
#define WEAVE_ATOMIC_SYNC_H
#pragma GCC system_header
#define __atomic_wait_unless __weave_original_wait_unless
#define __atomic_wait __weave_original_wait
#include_next <__atomic/atomic_sync.h>
#undef __atomic_wait
#undef __atomic_wait_unless
#ifndef _LIBCPP_HAS_NO_THREADS
extern "C" void __weave_repeats_wait() noexcept;
_LIBCPP_BEGIN_NAMESPACE_STD
/* Sleeps if the object still has the value `seen`. It may also return at once. */
template <class Waitable, class Value>
_LIBCPP_HIDE_FROM_ABI void __weave_sleep(const Waitable&,
                                         const volatile __cxx_atomic_contention_t* word,
                                         const Value& seen, memory_order) {
    std::__libcpp_atomic_wait(word, seen);
}
template <class Waitable, class Value>
_LIBCPP_HIDE_FROM_ABI void __weave_sleep(const Waitable& object, const volatile void* address,
                                         const Value& seen, memory_order order) {
    const __cxx_contention_t notifications = std::__libcpp_atomic_monitor(address);
    const Value value =
        __atomic_waitable_traits<__decay_t<Waitable> >::__atomic_load(object, order);
    if (std::__cxx_nonatomic_compare_equal(value, seen)) {
        std::__libcpp_atomic_wait(address, notifications);
    } else {
        __weave_repeats_wait();
    }
}
/* If `poll` returns false, its argument is the value that it has found last. */
template <class Waitable, class Poll>
_LIBCPP_HIDE_FROM_ABI void __atomic_wait_unless(const Waitable& object, Poll&& poll,
                                                memory_order order) {
    using Traits = __atomic_waitable_traits<__decay_t<Waitable> >;
    for (;;) {
        auto value = Traits::__atomic_load(object, order);
        if (poll(value)) {
            return;
        }
        std::__weave_sleep(object, Traits::__atomic_contention_address(object), value, order);
    }
}
template <class Waitable, class Value>
_LIBCPP_HIDE_FROM_ABI void __atomic_wait(Waitable& object, Value old, memory_order order) {
    std::__atomic_wait_unless(object, __atomic_compare_unequal_to<Value>{old}, order);
}
_LIBCPP_END_NAMESPACE_STD
#endif
#endif
