/* Found before libstdc++'s header of that name. std::atomic<std::shared_ptr> gives back its lock by
   fetch_sub(), relaxed after a load, which does not order the load before the next holder's store.
   That is a fault of the library and not of the program: here it is a release. */
#ifndef WEAVE_SHARED_PTR_ATOMIC_H
#define WEAVE_SHARED_PTR_ATOMIC_H
#pragma GCC system_header
#include <bits/atomic_base.h>
#if defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE >= 12
#define fetch_sub(value, order) \
    fetch_sub(value, (order) == memory_order_seq_cst ? (order) : memory_order_release)
#endif
#include_next <bits/shared_ptr_atomic.h>
#undef fetch_sub
#endif
