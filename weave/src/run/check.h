// WEAVE_CHECK: what must always hold inside weave, checked in every build.
//
// A check that fails is a fault of weave, not of the program under test. It prints one or two
// lines,
//     weave: internal error at order.cpp:31: chosen < count
//     weave:   chosen = 3, count = 2
// and aborts the process; it is never a finding. It may be used anywhere: on a fiber, while an
// execution is active, and while the output of the program is hidden. Nothing is allocated.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

namespace weave {

/// A value of a failed check, as it is printed.
struct CheckedValue {
    enum class Kind : uint8_t { is_signed, is_unsigned, boolean, pointer, text };

    template <class T>
        requires std::is_enum_v<T>
    CheckedValue(T value) : CheckedValue(static_cast<std::underlying_type_t<T>>(value)) {}
    template <std::signed_integral T>
    CheckedValue(T value) : kind(Kind::is_signed), bits(static_cast<uint64_t>(int64_t{value})) {}
    template <std::unsigned_integral T>
    CheckedValue(T value)
        : kind(std::same_as<T, bool> ? Kind::boolean : Kind::is_unsigned), bits(value) {}
    CheckedValue(const char* value) : kind(Kind::text), bits(reinterpret_cast<uintptr_t>(value)) {}
    CheckedValue(const void* value)
        : kind(Kind::pointer), bits(reinterpret_cast<uintptr_t>(value)) {}

    Kind kind;
    uint64_t bits;
};

/// The place of a check. `names` has the expressions of the values, with commas between them.
struct CheckSite {
    const char* file;
    const char* expression;
    const char* names;
    unsigned line;
};

/// Prints the check and its values, and aborts.
[[noreturn]] void check_failed(const CheckSite& site, std::initializer_list<CheckedValue> values);

/// The same. Takes the values in registers, so that a check costs its function no room on the
/// stack.
template <class... Values>
[[noreturn, gnu::cold, gnu::noinline]] void check_failed_with(const CheckSite& site,
                                                              Values... values) {
    check_failed(site, {CheckedValue(values)...});
}

/// Called before the process ends because of weave itself; null: nothing is.
extern void (*on_internal_error)();

/// Where messages of the runtime itself go: standard error, or a copy of it while the output of the
/// program is hidden.
void set_message_stream(int descriptor);
/// Writes all of a text there, without allocating.
void write_message(const char* text);

}  // namespace weave

/// Aborts if the expression is false, with the values of the other arguments:
/// `WEAVE_CHECK(index < count, index, count)`. The values must have no side effects.
#define WEAVE_CHECK(expression, ...)                                                            \
    do {                                                                                        \
        if (!(expression)) [[unlikely]] {                                                       \
            static constexpr ::weave::CheckSite weave_site{__FILE__, #expression, #__VA_ARGS__, \
                                                           __LINE__};                           \
            ::weave::check_failed_with(weave_site __VA_OPT__(, ) __VA_ARGS__);                  \
        }                                                                                       \
    } while (false)
