// Is this build slow, because of a sanitizer or for want of optimisation? Long runs are shorter
// then.
#pragma once

namespace mailproof::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool is_sanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool is_sanitized = false;
#endif

#if defined(__SANITIZE_THREAD__)
inline constexpr bool is_thread_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool is_thread_sanitized = __has_feature(thread_sanitizer);
#else
inline constexpr bool is_thread_sanitized = false;
#endif

#if defined(__OPTIMIZE__)
inline constexpr bool is_optimised = true;
#else
inline constexpr bool is_optimised = false;
#endif

}  // namespace mailproof::test
