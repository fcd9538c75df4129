/* Found before libc++'s header of that name. A wait of libc++ reads 64 times, and then for as long
   as 64 us, before it sleeps. Whether it then sleeps matters for what weave looks for, so a wait
   sleeps as soon as it has read once. */
#ifndef WEAVE_POLL_WITH_BACKOFF_H
#define WEAVE_POLL_WITH_BACKOFF_H
#pragma GCC system_header
#define __libcpp_thread_poll_with_backoff __weave_original_poll_with_backoff
#include_next <__thread/poll_with_backoff.h>
#undef __libcpp_thread_poll_with_backoff
_LIBCPP_BEGIN_NAMESPACE_STD
/* `backoff` chooses by the time of the wait: it reads on for a short one, and sleeps in a long
   one. It is told of one second more than have passed. A wait without a limit looks at no clock. */
template <class Poll, class Backoff>
_LIBCPP_HIDE_FROM_ABI bool __libcpp_thread_poll_with_backoff(
    Poll&& poll, Backoff&& backoff, chrono::nanoseconds limit = chrono::nanoseconds::zero()) {
    const bool is_limited = limit != chrono::nanoseconds::zero();
    const auto now = [&] {
        return is_limited ? chrono::high_resolution_clock::now()
                          : chrono::high_resolution_clock::time_point();
    };
    const auto start = now();
    while (!poll()) {
        const chrono::nanoseconds waited = now() - start;
        if ((is_limited && limit < waited) || backoff(waited + chrono::nanoseconds(1000000000))) {
            return false;
        }
    }
    return true;
}
_LIBCPP_END_NAMESPACE_STD
#endif
