// The texts and formats that functions of the C library take.
#include "entry/library.h"

#include <cstddef>
#include <cstdio>
#include <cwchar>

#include "run/image.h"
#include "run/pc.h"

namespace weave {

bool is_program_call(const void* return_address) {
    return active != nullptr && is_in_image(return_address) &&
           !is_own_code(reinterpret_cast<uintptr_t>(return_address));
}

/// strnlen(), but a byte of the heap that the program must not read ends the execution.
size_t LibraryCall::length_of(const char* text, size_t limit) const {
    size_t length = 0;
    while (length < limit) {
        if (active->heap.contains(reinterpret_cast<uintptr_t>(text + length)) &&
            !is_in_use(*active, reinterpret_cast<uintptr_t>(text + length))) {
            reads(text + length, 1);
        }
        if (text[length] == '\0') {
            break;
        }
        ++length;
    }
    return length;
}

namespace {

/// One conversion of a format: `%`, flags, width, precision, length and a letter.
struct Conversion {
    bool is_suppressed = false;  ///< `*` in a scanf() format
    bool is_allocated = false;   ///< `m` in a scanf() format
    bool has_precision = false;
    bool takes_width = false;  ///< `*` in a printf() format
    bool takes_precision = false;
    size_t width = 0;
    size_t precision = 0;
    unsigned longs = 0;
    unsigned shorts = 0;
    bool is_size = false;  ///< z, j or t
    bool is_long_double = false;
    char letter = '\0';
};

size_t take_number(const char*& at) {
    size_t number = 0;
    for (; '0' <= *at && *at <= '9'; ++at) {
        number = 10 * number + static_cast<size_t>(*at - '0');
    }
    return number;
}

/// Takes the length and the letter; for `%[`, the set of characters too.
void take_letter(const char*& at, Conversion& conversion) {
    for (;; ++at) {
        if (*at == 'l') {
            ++conversion.longs;
        } else if (*at == 'h') {
            ++conversion.shorts;
        } else if (*at == 'z' || *at == 'j' || *at == 't') {
            conversion.is_size = true;
        } else if (*at == 'L') {
            conversion.is_long_double = true;
        } else if (*at == 'm' && std::strchr("sScC[l", at[1]) != nullptr && at[1] != '\0') {
            conversion.is_allocated = true;
        } else {
            break;
        }
    }
    conversion.letter = *at == '\0' ? '\0' : *at++;
    if (conversion.letter == '[') {
        at += *at == '^' ? 1 : 0;
        at += *at == ']' ? 1 : 0;
        for (; *at != '\0' && *at++ != ']';) {
        }
    }
}

/// The next conversion at or after `at`, which is moved behind it. Its letter is 0 at the end.
Conversion next_conversion(const char*& at, bool is_scan) {
    Conversion conversion;
    while (*at != '\0' && (*at != '%' || at[1] == '%')) {
        at += *at == '%' ? 2 : 1;
    }
    if (*at == '\0') {
        return conversion;
    }
    ++at;
    if (is_scan) {
        conversion.is_suppressed = *at == '*';
        at += conversion.is_suppressed ? 1 : 0;
        conversion.width = take_number(at);
    } else {
        at += std::strspn(at, "-+ #0'I");
        conversion.takes_width = *at == '*';
        conversion.width = *at == '*' ? (++at, 0) : take_number(at);
        conversion.has_precision = *at == '.';
        if (conversion.has_precision) {
            ++at;
            conversion.takes_precision = *at == '*';
            conversion.precision = *at == '*' ? (++at, 0) : take_number(at);
        }
    }
    take_letter(at, conversion);
    return conversion;
}

size_t integer_bytes(const Conversion& conversion) {
    return conversion.longs != 0 || conversion.is_size ? sizeof(long)
           : conversion.shorts == 1                    ? sizeof(short)
           : conversion.shorts >= 2                    ? sizeof(char)
                                                       : sizeof(int);
}

size_t bytes_scanned(const Conversion& conversion, const void* to) {
    if (conversion.is_allocated) {
        return sizeof(char*);
    }
    switch (conversion.letter) {
        case 's':
        case '[':
            return conversion.longs != 0
                       ? (std::wcslen(static_cast<const wchar_t*>(to)) + 1) * sizeof(wchar_t)
                       : std::strlen(static_cast<const char*>(to)) + 1;
        case 'c':
            return (conversion.width == 0 ? 1 : conversion.width) *
                   (conversion.longs != 0 ? sizeof(wchar_t) : 1);
        case 'p':
            return sizeof(void*);
        case 'a':
        case 'e':
        case 'f':
        case 'g':
        case 'A':
        case 'E':
        case 'F':
        case 'G':
            return conversion.is_long_double ? sizeof(long double)
                   : conversion.longs != 0   ? sizeof(double)
                                             : sizeof(float);
        default:
            return integer_bytes(conversion);
    }
}

/// A va_list of which each conversion takes an argument.
struct Arguments {
    explicit Arguments(va_list from) { va_copy(list, from); }
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;
    ~Arguments() { va_end(list); }
    va_list list;
};

}  // namespace

void LibraryCall::prints(const char* format, va_list list) const {
    reads_text(format);
    Arguments arguments(list);
    for (const char* at = format;;) {
        Conversion conversion = next_conversion(at, false);
        if (conversion.takes_width) {
            (void)va_arg(arguments.list, int);
        }
        if (conversion.takes_precision) {
            const int precision = va_arg(arguments.list, int);
            conversion.has_precision = precision >= 0;
            conversion.precision = precision < 0 ? 0 : static_cast<size_t>(precision);
        }
        switch (conversion.letter) {
            case '\0':
                return;
            case 's': {
                const char* const text = va_arg(arguments.list, const char*);
                if (text != nullptr && conversion.longs == 0) {
                    reads_text(text, conversion.has_precision ? conversion.precision : SIZE_MAX);
                }
                break;
            }
            case 'n':
                writes(va_arg(arguments.list, void*), integer_bytes(conversion));
                break;
            case 'a':
            case 'e':
            case 'f':
            case 'g':
            case 'A':
            case 'E':
            case 'F':
            case 'G':
                // NOLINTNEXTLINE(bugprone-branch-clone): two types.
                if (conversion.is_long_double) {
                    (void)va_arg(arguments.list, long double);
                } else {
                    (void)va_arg(arguments.list, double);
                }
                break;
            case 'm':
                break;
            default:
                (void)va_arg(arguments.list, long);
                break;
        }
    }
}

void LibraryCall::scanned(const char* format, va_list list, int count) const {
    Arguments arguments(list);
    for (const char* at = format; count > 0;) {
        const Conversion conversion = next_conversion(at, true);
        if (conversion.letter == '\0') {
            return;
        }
        if (conversion.is_suppressed) {
            continue;
        }
        void* const to = va_arg(arguments.list, void*);
        writes(to, conversion.letter == 'n' ? integer_bytes(conversion)
                                            : bytes_scanned(conversion, to));
        count -= conversion.letter == 'n' ? 0 : 1;
    }
}

}  // namespace weave
