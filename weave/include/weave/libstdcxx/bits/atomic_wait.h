/* Found before libstdc++'s header of that name. It lets weave see which atomic object a
   notification is for: libstdc++ does not look at the object, which may be dead. And a wait, with
   or without a limit, looks at the object once before it sleeps, where libstdc++ looks sixteen
   times or more: more looks lead to no other outcomes. */
#ifndef WEAVE_ATOMIC_WAIT_H
#define WEAVE_ATOMIC_WAIT_H
#pragma GCC system_header
#define __atomic_notify_address __weave_notify_address
#include_next <bits/atomic_wait.h>
#undef __atomic_notify_address
#if defined(_GLIBCXX_HAVE_LINUX_FUTEX) || defined(_GLIBCXX_HAS_GTHREADS)
extern "C" void __weave_notifies(const void* object);
namespace std {
_GLIBCXX_BEGIN_NAMESPACE_VERSION
template <typename T>
inline void __atomic_notify_address(const T* object, bool all) noexcept {
    __weave_notifies(object);
    std::__weave_notify_address(object, all);
}
namespace __detail {
/* Preferred to libstdc++'s own, which has no constraint. Found by the type of the policy. */
template <typename Predicate, typename Spin>
    requires is_class_v<Spin>
inline bool __atomic_spin(Predicate& is_over, Spin) noexcept {
    return is_over();
}
}  // namespace __detail
_GLIBCXX_END_NAMESPACE_VERSION
}  // namespace std
#endif
#endif
