// The C library's functions on texts, memory, numbers, files and the environment: what they read
// and write counts as the program's own accesses. The table is below; the accesses of a line are
// those that the function's manual promises.
//
// A function is known to the linker by its name and here by weave_NAME, because the headers of the
// C library declare some with other exception specifications.
#include "entry/library.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "entry/allocator.h"
#include "entry/input.h"

namespace weave {

namespace {

template <class Function>
Function* library_function(const char* name) {
    auto* const found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    if (found == nullptr) {
        die(name);
    }
    return found;
}

// What functions without a lock of their own share, such as the tokens of strtok().
char environment_state;
char token_state;
char time_state;
char error_text_state;

/// The bytes that two texts are compared by.
size_t compared(const char* one, const char* other, size_t limit) {
    size_t count = 0;
    while (count < limit && one[count] == other[count] && one[count] != '\0') {
        ++count;
    }
    return count < limit ? count + 1 : limit;
}

size_t compared_without_case(const char* one, const char* other, size_t limit) {
    const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    size_t count = 0;
    while (count < limit && lower(one[count]) == lower(other[count]) && one[count] != '\0') {
        ++count;
    }
    return count < limit ? count + 1 : limit;
}

/// The bytes of a text up to the place where a number ends.
size_t up_to(const char* text, const char* end) { return static_cast<size_t>(end - text) + 1; }

void write_result(const LibraryCall& call, const void* to, ssize_t size) {
    if (size > 0) {
        call.writes(to, static_cast<size_t>(size));
    }
}

/// The accesses of a function that reads a number: `parse` says where it ends.
template <class Parse>
void read_number(const LibraryCall& call, const char* text, char** end, Parse parse) {
    char* last = nullptr;
    const int error = errno;
    parse(&last);
    errno = error;
    call.reads(text, up_to(text, last));
    if (end != nullptr) {
        call.writes(end, sizeof *end);
    }
}

}  // namespace

}  // namespace weave

/// Defines NAME: the accesses BEFORE, the library's function, the accesses AFTER, in which `result`
/// is what it returned. Weak: libFuzzer defines some of them too.
#define WEAVE_CALL(RESULT, NAME, PARAMETERS, ARGUMENTS, BEFORE, AFTER)               \
    extern "C" RESULT weave_##NAME PARAMETERS __asm__(#NAME);                        \
    __attribute__((noinline, weak)) RESULT weave_##NAME PARAMETERS {                 \
        static auto* const real = weave::library_function<RESULT PARAMETERS>(#NAME); \
        if (!weave::is_program_call(__builtin_return_address(0))) {                  \
            return real ARGUMENTS;                                                   \
        }                                                                            \
        [[maybe_unused]] const weave::LibraryCall call(__builtin_return_address(0)); \
        BEFORE;                                                                      \
        const auto result = real ARGUMENTS;                                          \
        AFTER;                                                                       \
        return result;                                                               \
    }

#define WEAVE_NONE (void)0

// ----- texts and memory --------------------------------------------------------------------------

WEAVE_CALL(size_t, strlen, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(size_t, strnlen, (const char* s, size_t n), (s, n), call.reads_text(s, n), WEAVE_NONE)
WEAVE_CALL(char*, strcpy, (char* to, const char* from), (to, from), call.copies_text(to, from),
           WEAVE_NONE)
WEAVE_CALL(char*, stpcpy, (char* to, const char* from), (to, from), call.copies_text(to, from),
           WEAVE_NONE)
WEAVE_CALL(char*, strncpy, (char* to, const char* from, size_t n), (to, from, n),
           (call.reads_text(from, n), call.writes(to, n)), WEAVE_NONE)
WEAVE_CALL(char*, stpncpy, (char* to, const char* from, size_t n), (to, from, n),
           (call.reads_text(from, n), call.writes(to, n)), WEAVE_NONE)
WEAVE_CALL(char*, strcat, (char* to, const char* from), (to, from),
           call.copies_text(to + call.reads_text(to), from), WEAVE_NONE)
WEAVE_CALL(char*, strncat, (char* to, const char* from, size_t n), (to, from, n),
           call.writes(to + call.reads_text(to), call.reads_text(from, n) + 1), WEAVE_NONE)
WEAVE_CALL(int, strcmp, (const char* a, const char* b), (a, b),
           (call.reads_text(a, weave::compared(a, b, SIZE_MAX)),
            call.reads_text(b, weave::compared(a, b, SIZE_MAX))),
           WEAVE_NONE)
WEAVE_CALL(int, strncmp, (const char* a, const char* b, size_t n), (a, b, n),
           (call.reads_text(a, weave::compared(a, b, n)),
            call.reads_text(b, weave::compared(a, b, n))),
           WEAVE_NONE)
WEAVE_CALL(int, strcoll, (const char* a, const char* b), (a, b),
           (call.reads_text(a), call.reads_text(b)), WEAVE_NONE)
WEAVE_CALL(int, strcasecmp, (const char* a, const char* b), (a, b),
           (call.reads_text(a, weave::compared_without_case(a, b, SIZE_MAX)),
            call.reads_text(b, weave::compared_without_case(a, b, SIZE_MAX))),
           WEAVE_NONE)
WEAVE_CALL(int, strncasecmp, (const char* a, const char* b, size_t n), (a, b, n),
           (call.reads_text(a, weave::compared_without_case(a, b, n)),
            call.reads_text(b, weave::compared_without_case(a, b, n))),
           WEAVE_NONE)
WEAVE_CALL(char*, strchr, (const char* s, int c), (s, c), WEAVE_NONE,
           result == nullptr ? (void)call.reads_text(s) : call.reads(s, weave::up_to(s, result)))
WEAVE_CALL(char*, strchrnul, (const char* s, int c), (s, c), WEAVE_NONE,
           call.reads(s, weave::up_to(s, result)))
WEAVE_CALL(char*, strrchr, (const char* s, int c), (s, c), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(char*, strstr, (const char* s, const char* part), (s, part),
           (call.reads_text(s), call.reads_text(part)), WEAVE_NONE)
WEAVE_CALL(char*, strcasestr, (const char* s, const char* part), (s, part),
           (call.reads_text(s), call.reads_text(part)), WEAVE_NONE)
WEAVE_CALL(size_t, strspn, (const char* s, const char* set), (s, set), call.reads_text(set),
           call.reads(s, result + 1))
WEAVE_CALL(size_t, strcspn, (const char* s, const char* set), (s, set), call.reads_text(set),
           call.reads(s, result + 1))
WEAVE_CALL(char*, strpbrk, (const char* s, const char* set), (s, set), call.reads_text(set),
           result == nullptr ? (void)call.reads_text(s) : call.reads(s, weave::up_to(s, result)))
WEAVE_CALL(char*, strtok, (char* s, const char* set), (s, set),
           (call.reads_text(set), call.writes(&weave::token_state, 1)),
           result == nullptr ? WEAVE_NONE : (void)call.reads_text(result))
WEAVE_CALL(char*, strtok_r, (char* s, const char* set, char** next), (s, set, next),
           (call.reads_text(set), call.writes(next, sizeof *next)),
           result == nullptr ? WEAVE_NONE : (void)call.reads_text(result))
WEAVE_CALL(char*, strsep, (char** s, const char* set), (s, set),
           (call.reads_text(set), call.writes(s, sizeof *s)),
           result == nullptr ? WEAVE_NONE : (void)call.reads_text(result))
WEAVE_CALL(size_t, strxfrm, (char* to, const char* from, size_t n), (to, from, n),
           call.reads_text(from), call.writes(to, result < n ? result + 1 : n))
WEAVE_CALL(char*, strerror, (int number), (number), call.writes(&weave::error_text_state, 1),
           WEAVE_NONE)
WEAVE_CALL(int, memcmp, (const void* a, const void* b, size_t n), (a, b, n),
           (call.reads_bytes(a, n), call.reads_bytes(b, n)), WEAVE_NONE)
WEAVE_CALL(int, bcmp, (const void* a, const void* b, size_t n), (a, b, n),
           (call.reads_bytes(a, n), call.reads_bytes(b, n)), WEAVE_NONE)
WEAVE_CALL(void*, memchr, (const void* s, int c, size_t n), (s, c, n), WEAVE_NONE,
           call.reads(s, result == nullptr ? n
                                           : weave::up_to(static_cast<const char*>(s),
                                                          static_cast<const char*>(result))))
WEAVE_CALL(void*, memrchr, (const void* s, int c, size_t n), (s, c, n), call.reads(s, n),
           WEAVE_NONE)
WEAVE_CALL(void*, memmem, (const void* s, size_t n, const void* part, size_t m), (s, n, part, m),
           (call.reads(s, n), call.reads(part, m)), WEAVE_NONE)
WEAVE_CALL(void*, mempcpy, (void* to, const void* from, size_t n), (to, from, n),
           call.copies(to, from, n), WEAVE_NONE)
WEAVE_CALL(size_t, wcslen, (const wchar_t* s), (s), WEAVE_NONE,
           call.reads(s, (result + 1) * sizeof *s))
WEAVE_CALL(wchar_t*, wmemcpy, (wchar_t * to, const wchar_t* from, size_t n), (to, from, n),
           call.copies(to, from, n * sizeof *to), WEAVE_NONE)
WEAVE_CALL(wchar_t*, wmemmove, (wchar_t * to, const wchar_t* from, size_t n), (to, from, n),
           call.copies(to, from, n * sizeof *to), WEAVE_NONE)
WEAVE_CALL(wchar_t*, wmemset, (wchar_t * to, wchar_t c, size_t n), (to, c, n),
           call.writes(to, n * sizeof *to), WEAVE_NONE)
WEAVE_CALL(int, wmemcmp, (const wchar_t* a, const wchar_t* b, size_t n), (a, b, n),
           (call.reads(a, n * sizeof *a), call.reads(b, n * sizeof *b)), WEAVE_NONE)

// ----- numbers and time --------------------------------------------------------------------------

#define WEAVE_NUMBER(RESULT, NAME)                                                              \
    WEAVE_CALL(RESULT, NAME, (const char* s, char** end, int base), (s, end, base), WEAVE_NONE, \
               weave::read_number(call, s, end, [&](char** e) { real(s, e, base); }))
#define WEAVE_FLOATING(RESULT, NAME)                                            \
    WEAVE_CALL(RESULT, NAME, (const char* s, char** end), (s, end), WEAVE_NONE, \
               weave::read_number(call, s, end, [&](char** e) { real(s, e); }))
WEAVE_NUMBER(long, strtol)
WEAVE_NUMBER(long long, strtoll)
WEAVE_NUMBER(unsigned long, strtoul)
WEAVE_NUMBER(unsigned long long, strtoull)
WEAVE_FLOATING(double, strtod)
WEAVE_FLOATING(float, strtof)
WEAVE_FLOATING(long double, strtold)
WEAVE_CALL(int, atoi, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(long, atol, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(long long, atoll, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(double, atof, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(tm*, localtime, (const time_t* t), (t),
           (call.reads(t, sizeof *t), call.writes(&weave::time_state, 1)), WEAVE_NONE)
WEAVE_CALL(tm*, gmtime, (const time_t* t), (t),
           (call.reads(t, sizeof *t), call.writes(&weave::time_state, 1)), WEAVE_NONE)
WEAVE_CALL(tm*, localtime_r, (const time_t* t, tm* to), (t, to), call.reads(t, sizeof *t),
           call.writes(to, sizeof *to))
WEAVE_CALL(tm*, gmtime_r, (const time_t* t, tm* to), (t, to), call.reads(t, sizeof *t),
           call.writes(to, sizeof *to))
WEAVE_CALL(char*, ctime, (const time_t* t), (t),
           (call.reads(t, sizeof *t), call.writes(&weave::time_state, 1)), WEAVE_NONE)
WEAVE_CALL(char*, asctime, (const tm* t), (t),
           (call.reads(t, sizeof *t), call.writes(&weave::time_state, 1)), WEAVE_NONE)
WEAVE_CALL(time_t, mktime, (tm * t), (t), WEAVE_NONE, call.writes(t, sizeof *t))
WEAVE_CALL(size_t, strftime, (char* to, size_t n, const char* format, const tm* t),
           (to, n, format, t), (call.reads_text(format), call.reads(t, sizeof *t)),
           result != 0 ? call.writes(to, result + 1) : WEAVE_NONE)

// ----- the environment ---------------------------------------------------------------------------

WEAVE_CALL(char*, getenv, (const char* name), (name),
           (call.reads_text(name), call.reads(&weave::environment_state, 1)), WEAVE_NONE)
WEAVE_CALL(char*, secure_getenv, (const char* name), (name),
           (call.reads_text(name), call.reads(&weave::environment_state, 1)), WEAVE_NONE)
WEAVE_CALL(int, setenv, (const char* name, const char* value, int replaces),
           (name, value, replaces),
           (call.reads_text(name), call.reads_text(value),
            call.writes(&weave::environment_state, 1)),
           WEAVE_NONE)
WEAVE_CALL(int, unsetenv, (const char* name), (name),
           (call.reads_text(name), call.writes(&weave::environment_state, 1)), WEAVE_NONE)
WEAVE_CALL(int, putenv, (char* text), (text),
           (call.reads_text(text), call.writes(&weave::environment_state, 1)), WEAVE_NONE)

// ----- sorting -----------------------------------------------------------------------------------

WEAVE_CALL(void*, bsearch,
           (const void* key, const void* base, size_t count, size_t size,
            int (*compare)(const void*, const void*)),
           (key, base, count, size, compare), WEAVE_NONE, WEAVE_NONE)

// ----- files -------------------------------------------------------------------------------------

WEAVE_CALL(FILE*, fopen, (const char* path, const char* mode), (path, mode),
           (call.reads_text(path), call.reads_text(mode)), WEAVE_NONE)
WEAVE_CALL(int, puts, (const char* s), (s), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(int, fputs, (const char* s, FILE* file), (s, file), call.reads_text(s), WEAVE_NONE)
WEAVE_CALL(size_t, fwrite, (const void* from, size_t size, size_t count, FILE* file),
           (from, size, count, file), call.reads_bytes(from, size* count), WEAVE_NONE)
WEAVE_CALL(size_t, fread, (void* to, size_t size, size_t count, FILE* file),
           (to, size, count, file), weave::use_input(file), call.writes(to, size* result))
WEAVE_CALL(char*, fgets, (char* to, int size, FILE* file), (to, size, file), weave::use_input(file),
           result == nullptr ? WEAVE_NONE : call.writes(to, std::strlen(result) + 1))
WEAVE_CALL(ssize_t, getdelim, (char** line, size_t* size, int end, FILE* file),
           (line, size, end, file), weave::use_input(file),
           (call.writes(line, sizeof *line), call.writes(size, sizeof *size),
            weave::write_result(call, *line, result < 0 ? result : result + 1)))
WEAVE_CALL(ssize_t, getline, (char** line, size_t* size, FILE* file), (line, size, file),
           weave::use_input(file),
           (call.writes(line, sizeof *line), call.writes(size, sizeof *size),
            weave::write_result(call, *line, result < 0 ? result : result + 1)))
WEAVE_CALL(int, fgetc, (FILE * file), (file), weave::use_input(file), WEAVE_NONE)
WEAVE_CALL(int, getc, (FILE * file), (file), weave::use_input(file), WEAVE_NONE)
WEAVE_CALL(int, getchar, (), (), weave::use_input(stdin), WEAVE_NONE)

// ----- the system --------------------------------------------------------------------------------

WEAVE_CALL(int, open, (const char* path, int flags, mode_t mode), (path, flags, mode),
           call.reads_text(path), WEAVE_NONE)
WEAVE_CALL(ssize_t, pread, (int file, void* to, size_t n, off_t at), (file, to, n, at), WEAVE_NONE,
           weave::write_result(call, to, result))
WEAVE_CALL(ssize_t, pwrite, (int file, const void* from, size_t n, off_t at), (file, from, n, at),
           call.reads_bytes(from, n), WEAVE_NONE)
WEAVE_CALL(char*, getcwd, (char* to, size_t n), (to, n), WEAVE_NONE,
           result == nullptr || to == nullptr ? WEAVE_NONE
                                              : call.writes(to, std::strlen(result) + 1))
WEAVE_CALL(ssize_t, readlink, (const char* path, char* to, size_t n), (path, to, n),
           call.reads_text(path), weave::write_result(call, to, result))
WEAVE_CALL(int, gethostname, (char* to, size_t n), (to, n), WEAVE_NONE,
           result == 0 ? call.writes(to, strnlen(to, n)) : WEAVE_NONE)
WEAVE_CALL(int, stat, (const char* path, struct stat* to), (path, to), call.reads_text(path),
           result == 0 ? call.writes(to, sizeof *to) : WEAVE_NONE)
WEAVE_CALL(int, lstat, (const char* path, struct stat* to), (path, to), call.reads_text(path),
           result == 0 ? call.writes(to, sizeof *to) : WEAVE_NONE)
WEAVE_CALL(int, fstat, (int file, struct stat* to), (file, to), WEAVE_NONE,
           result == 0 ? call.writes(to, sizeof *to) : WEAVE_NONE)

WEAVE_CALL(int, access, (const char* path, int mode), (path, mode), call.reads_text(path),
           WEAVE_NONE)
WEAVE_CALL(int, chmod, (const char* path, mode_t mode), (path, mode), call.reads_text(path),
           WEAVE_NONE)
WEAVE_CALL(int, mkdir, (const char* path, mode_t mode), (path, mode), call.reads_text(path),
           WEAVE_NONE)
WEAVE_CALL(int, rmdir, (const char* path), (path), call.reads_text(path), WEAVE_NONE)
WEAVE_CALL(int, unlink, (const char* path), (path), call.reads_text(path), WEAVE_NONE)
WEAVE_CALL(int, remove, (const char* path), (path), call.reads_text(path), WEAVE_NONE)
WEAVE_CALL(int, rename, (const char* from, const char* to), (from, to),
           (call.reads_text(from), call.reads_text(to)), WEAVE_NONE)
WEAVE_CALL(int, mkstemp, (char* path), (path), call.reads_text(path),
           call.writes(path, std::strlen(path)))
WEAVE_CALL(int, epoll_ctl, (int epoll, int operation, int file, epoll_event* event),
           (epoll, operation, file, event),
           event == nullptr ? WEAVE_NONE : call.reads(event, sizeof *event), WEAVE_NONE)
WEAVE_CALL(int, getsockopt, (int file, int level, int option, void* to, socklen_t* size),
           (file, level, option, to, size), call.reads(size, sizeof *size),
           result == 0 ? (call.writes(to, *size), call.writes(size, sizeof *size)) : WEAVE_NONE)
WEAVE_CALL(int, inet_pton, (int family, const char* text, void* to), (family, text, to),
           call.reads_text(text),
           result == 1 ? call.writes(to, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr))
                       : WEAVE_NONE)
WEAVE_CALL(const char*, inet_ntop, (int family, const void* from, char* to, socklen_t size),
           (family, from, to, size),
           call.reads(from, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr)),
           result == nullptr ? WEAVE_NONE : call.writes(to, std::strlen(to) + 1))
WEAVE_CALL(int, getopt, (int count, char* const* arguments, const char* options),
           (count, arguments, options),
           call.reads(arguments, static_cast<size_t>(count) * sizeof *arguments), WEAVE_NONE)
WEAVE_CALL(int, sigemptyset, (sigset_t * set), (set), WEAVE_NONE, call.writes(set, sizeof *set))
WEAVE_CALL(int, sigfillset, (sigset_t * set), (set), WEAVE_NONE, call.writes(set, sizeof *set))
WEAVE_CALL(int, sigaddset, (sigset_t * set, int signal), (set, signal),
           call.reads(set, sizeof *set), call.writes(set, sizeof *set))
WEAVE_CALL(int, sigdelset, (sigset_t * set, int signal), (set, signal),
           call.reads(set, sizeof *set), call.writes(set, sizeof *set))
WEAVE_CALL(int, sigismember, (const sigset_t* set, int signal), (set, signal),
           call.reads(set, sizeof *set), WEAVE_NONE)

// ----- copies of texts, which are blocks of the program ------------------------------------------

extern "C" char* weave_strdup(const char* text) __asm__("strdup");
extern "C" char* weave_strndup(const char* text, size_t limit) __asm__("strndup");

namespace weave {

namespace {

char* copy_of(const char* text, size_t limit, const void* return_address) {
    const size_t length = is_program_call(return_address)
                              ? LibraryCall(return_address).reads_text(text, limit)
                              : strnlen(text, limit);
    auto* const copy = static_cast<char*>(allocate_for(length + 1, return_address));
    if (copy != nullptr) {
        std::memcpy(copy, text, length);
        copy[length] = '\0';
        if (is_program_call(return_address)) {
            LibraryCall(return_address).writes(copy, length + 1);
        }
    }
    return copy;
}

}  // namespace

}  // namespace weave

__attribute__((noinline)) char* weave_strdup(const char* text) {
    return weave::copy_of(text, SIZE_MAX, __builtin_return_address(0));
}
__attribute__((noinline)) char* weave_strndup(const char* text, size_t limit) {
    return weave::copy_of(text, limit, __builtin_return_address(0));
}

// ----- void functions ----------------------------------------------------------------------------

/// Defines a void function as WEAVE_CALL does.
#define WEAVE_CALL_VOID(NAME, PARAMETERS, ARGUMENTS, BEFORE)                       \
    extern "C" void weave_##NAME PARAMETERS __asm__(#NAME);                        \
    __attribute__((noinline)) void weave_##NAME PARAMETERS {                       \
        static auto* const real = weave::library_function<void PARAMETERS>(#NAME); \
        if (weave::is_program_call(__builtin_return_address(0))) {                 \
            const weave::LibraryCall call(__builtin_return_address(0));            \
            BEFORE;                                                                \
        }                                                                          \
        real ARGUMENTS;                                                            \
    }

WEAVE_CALL_VOID(qsort,
                (void* base, size_t count, size_t size, int (*compare)(const void*, const void*)),
                (base, count, size, compare),
                (call.reads_bytes(base, count* size), call.writes(base, count* size)))
WEAVE_CALL_VOID(perror, (const char* text), (text),
                text != nullptr ? (void)call.reads_text(text) : WEAVE_NONE)

// ----- formats -----------------------------------------------------------------------------------

namespace weave {

namespace {

using PrintFunction = int(FILE*, const char*, va_list);

int print(FILE* file, const char* format, va_list list, const void* return_address) {
    static auto* const real = library_function<PrintFunction>("vfprintf");
    if (is_program_call(return_address)) {
        LibraryCall(return_address).prints(format, list);
    }
    return real(file, format, list);
}

int print_to_text(char* to, size_t size, bool is_limited, const char* format, va_list list,
                  const void* return_address) {
    static auto* const limited =
        library_function<int(char*, size_t, const char*, va_list)>("vsnprintf");
    static auto* const unlimited = library_function<int(char*, const char*, va_list)>("vsprintf");
    if (is_program_call(return_address)) {
        const LibraryCall call(return_address);
        call.prints(format, list);
        va_list again;
        va_copy(again, list);
        const int length = limited(nullptr, 0, format, again);
        va_end(again);
        if (length >= 0) {
            call.writes(to, std::min(static_cast<size_t>(length) + 1, size));
        }
    }
    return is_limited ? limited(to, size, format, list) : unlimited(to, format, list);
}

using ScanFunction = int(FILE*, const char*, va_list);

int scan(FILE* file, const char* format, va_list list, const void* return_address) {
    static auto* const real = library_function<ScanFunction>("__isoc99_vfscanf");
    if (!is_program_call(return_address)) {
        return real(file, format, list);
    }
    const LibraryCall call(return_address);
    call.reads_text(format);
    use_input(file);
    va_list again;
    va_copy(again, list);
    const int result = real(file, format, again);
    va_end(again);
    call.scanned(format, list, result);
    return result;
}

int scan_text(const char* text, const char* format, va_list list, const void* return_address) {
    static auto* const real =
        library_function<int(const char*, const char*, va_list)>("__isoc99_vsscanf");
    if (!is_program_call(return_address)) {
        return real(text, format, list);
    }
    const LibraryCall call(return_address);
    call.reads_text(text);
    call.reads_text(format);
    va_list again;
    va_copy(again, list);
    const int result = real(text, format, again);
    va_end(again);
    call.scanned(format, list, result);
    return result;
}

}  // namespace

}  // namespace weave

#define WEAVE_CALLER __builtin_return_address(0)

/// Defines a function with a variable number of arguments by RESULT, which takes `list`.
#define WEAVE_VARIADIC(SYMBOL, NAME, PARAMETERS, RESULT)          \
    extern "C" int weave_##NAME(PARAMETERS, ...) __asm__(SYMBOL); \
    __attribute__((noinline)) int weave_##NAME(PARAMETERS, ...) { \
        va_list list;                                             \
        va_start(list, format);                                   \
        const int result = RESULT;                                \
        va_end(list);                                             \
        return result;                                            \
    }
#define WEAVE_WITH_LIST(SYMBOL, NAME, PARAMETERS, RESULT)                  \
    extern "C" int weave_##NAME(PARAMETERS, va_list list) __asm__(SYMBOL); \
    __attribute__((noinline)) int weave_##NAME(PARAMETERS, va_list list) { return RESULT; }
#define WEAVE_TWO(A, B) A, B
#define WEAVE_THREE(A, B, C) A, B, C

WEAVE_VARIADIC("printf", printf, const char* format,
               weave::print(stdout, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("vprintf", vprintf, const char* format,
                weave::print(stdout, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("fprintf", fprintf, WEAVE_TWO(FILE* file, const char* format),
               weave::print(file, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("vfprintf", vfprintf, WEAVE_TWO(FILE* file, const char* format),
                weave::print(file, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("sprintf", sprintf, WEAVE_TWO(char* to, const char* format),
               weave::print_to_text(to, SIZE_MAX, false, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("vsprintf", vsprintf, WEAVE_TWO(char* to, const char* format),
                weave::print_to_text(to, SIZE_MAX, false, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("snprintf", snprintf, WEAVE_THREE(char* to, size_t size, const char* format),
               weave::print_to_text(to, size, true, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("vsnprintf", vsnprintf, WEAVE_THREE(char* to, size_t size, const char* format),
                weave::print_to_text(to, size, true, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("scanf", scanf, const char* format, weave::scan(stdin, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("__isoc99_scanf", isoc99_scanf, const char* format,
               weave::scan(stdin, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("fscanf", fscanf, WEAVE_TWO(FILE* file, const char* format),
               weave::scan(file, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("__isoc99_fscanf", isoc99_fscanf, WEAVE_TWO(FILE* file, const char* format),
               weave::scan(file, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("sscanf", sscanf, WEAVE_TWO(const char* text, const char* format),
               weave::scan_text(text, format, list, WEAVE_CALLER))
WEAVE_VARIADIC("__isoc99_sscanf", isoc99_sscanf, WEAVE_TWO(const char* text, const char* format),
               weave::scan_text(text, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("vsscanf", vsscanf, WEAVE_TWO(const char* text, const char* format),
                weave::scan_text(text, format, list, WEAVE_CALLER))
WEAVE_WITH_LIST("__isoc99_vsscanf", isoc99_vsscanf, WEAVE_TWO(const char* text, const char* format),
                weave::scan_text(text, format, list, WEAVE_CALLER))
