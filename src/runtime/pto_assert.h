// PTO_ASSERT(expression, values...): says what must be true, and ends the program where it is not.
//
// Off, which is the default: the expression is compiled, never evaluated, and costs nothing. On
// with PTO_ASSERTIONS=1, a definition that all files of a program share; in CMake,
//   set_property(TARGET my_program PROPERTY PTO_ASSERTIONS ON)
// A failure prints one line to standard error and calls abort():
//   src/runtime/mailbox.h:170: assertion failed: claim <= n; claim = 3, n = 2
//
// An assertion states what the product itself guarantees, or what its caller must. What a kernel or
// a message may get wrong has an error code and is not asserted. Assertions hold no thread up and
// order nothing: where they look at an atomic they load it relaxed, so that they hide no data race.
#pragma once

#if defined(PTO_ASSERTIONS) && PTO_ASSERTIONS

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <type_traits>

namespace pto {

/// A value of a failed assertion: a number, an enumerator as its number, or an address.
class AssertedValue {
  public:
    template <class T>
        requires(std::is_integral_v<T> || std::is_enum_v<T>)
    AssertedValue(T value) noexcept
        : bits_(static_cast<uint64_t>(value)), is_negative_(value < T{}) {}
    AssertedValue(const volatile void* address) noexcept
        : bits_(reinterpret_cast<uintptr_t>(address)), is_address_(true) {}

    /// Writes the value to `text` as snprintf() does; returns what that returns.
    int print(char* text, size_t size) const noexcept {
        if (is_address_) {
            return std::snprintf(text, size, "0x%llx", static_cast<unsigned long long>(bits_));
        }
        return is_negative_
                   ? std::snprintf(text, size, "%lld", static_cast<long long>(bits_))
                   : std::snprintf(text, size, "%llu", static_cast<unsigned long long>(bits_));
    }

  private:
    uint64_t bits_;
    bool is_negative_ = false;
    bool is_address_ = false;
};

/// The line that a failed assertion prints. Cut when it is full; never allocates.
class AssertionText {
  public:
    AssertionText(const char* file, int line, const char* expression) noexcept {
        add(std::snprintf(text_, size, "%s:%d: assertion failed: %s", file, line, expression));
    }

    /// Adds `; name = value, name = value`. `names` holds the values' names between commas.
    void add_values(const char* names, std::initializer_list<AssertedValue> values) noexcept {
        const char* separator = "; ";
        for (const AssertedValue& value : values) {
            const size_t length = name_length(names);
            add(std::snprintf(end(), left(), "%s%.*s = ", separator, static_cast<int>(length),
                              names));
            add(value.print(end(), left()));
            names += length;
            while (*names == ',' || *names == ' ') {
                ++names;
            }
            separator = ", ";
        }
    }

    void print() noexcept {
        std::fprintf(stderr, "%s\n", text_);
        std::fflush(stderr);
    }

  private:
    static constexpr size_t size = 1024;

    /// The length of the first name of a list; commas inside brackets belong to it.
    static size_t name_length(const char* names) noexcept {
        size_t length = 0;
        int depth = 0;
        for (; names[length] != '\0' && (depth != 0 || names[length] != ','); ++length) {
            const char letter = names[length];
            depth += letter == '(' || letter == '[' || letter == '{' ? 1 : 0;
            depth -= letter == ')' || letter == ']' || letter == '}' ? 1 : 0;
        }
        return length;
    }

    void add(int printed) noexcept {
        used_ += printed < 0 ? 0 : static_cast<size_t>(printed);
        used_ = used_ < size ? used_ : size - 1;
    }
    char* end() noexcept { return text_ + used_; }
    size_t left() const noexcept { return size - used_; }

    char text_[size];
    size_t used_ = 0;
};

/// Prints what failed and aborts, so that fuzzers, weave and tests take it for a finding.
[[noreturn, gnu::cold, gnu::noinline]] inline void assertion_failed(
    const char* file, int line, const char* expression, const char* names,
    std::initializer_list<AssertedValue> values) noexcept {
    AssertionText text(file, line, expression);
    text.add_values(names, values);
    text.print();
    std::abort();
}

}  // namespace pto

#define PTO_ASSERT(expression, ...)                                                           \
    ((expression) ? static_cast<void>(0)                                                      \
                  : ::pto::assertion_failed(__FILE__, __LINE__, #expression, "" #__VA_ARGS__, \
                                            {__VA_ARGS__}))

#else

namespace pto {

/// Never defined and never called: what only an assertion names still counts as used.
template <class... Values>
char unevaluated(const Values&... values);

}  // namespace pto

#define PTO_ASSERT(...) static_cast<void>(sizeof(::pto::unevaluated(__VA_ARGS__)))

#endif
