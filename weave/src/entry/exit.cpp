// The end of a program: defines exit(), _exit(), _Exit(), quick_exit(), __cxa_atexit(),
// __cxa_at_quick_exit(), abort() and __assert_fail() of the C library.
//
// Handlers that a whole program registers before its main() are called at the end of each
// execution.
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <vector>

#include "entry/entry.h"
#include "run/elf_file.h"
#include "run/image.h"

// The linker's name for this executable; each shared library has one of its own.
extern "C" __attribute__((visibility("hidden"))) void* __dso_handle;

namespace weave {

namespace {

/// The execution that will call a handler of this library, or null if the system will.
Execution* keeper(const void* library) {
    if (library != nullptr && library != &__dso_handle) {
        return nullptr;
    }
    return starting != nullptr                                  ? starting
           : active != nullptr && active->settings().is_program ? active
                                                                : nullptr;
}

/// Is it the handler of -fprofile-instr-generate's runtime, which writes the profile?
/// run/program.cpp has it written once, when the process ends.
bool writes_profile(void (*handler)(void*)) {
    if (starting == nullptr || __start___llvm_prf_cnts == nullptr) {
        return false;
    }
    static const uintptr_t writer = [] {
        const ElfFile file;
        const std::vector<Function> functions = functions_of(file);
        const auto found = std::ranges::find(functions, "writeFileWithoutReturn", &Function::name);
        return found == functions.end() ? 0 : found->begin;
    }();
    return reinterpret_cast<uintptr_t>(handler) == writer;
}

/// Refuses to exit from the body of explore(), as the process continues after it.
[[noreturn]] void refuse_in_test(Execution& execution, uint32_t pc, const char* name) {
    execution.fail(Verdict::unsupported, pc, "%s() was called in the body of explore()", name);
}

// The handlers of at_quick_exit(). They are variables of a whole program, which begin each
// execution with those that were registered before main().
constexpr unsigned quick_handlers_max = 256;
void (*quick_handlers[quick_handlers_max])(void*);
unsigned quick_handler_count = 0;

/// Returns 0, or 1 if there is no room, as at_quick_exit() does.
int add_quick_handler(void (*function)(void*)) {
    if (quick_handler_count == quick_handlers_max) {
        return 1;
    }
    quick_handlers[quick_handler_count++] = function;
    return 0;
}

void run_quick_handlers(Execution& execution) {
    execution.choice_point(OperationKind::other, 0);
    while (quick_handler_count != 0) {
        quick_handlers[--quick_handler_count](nullptr);
    }
}

}  // namespace

}  // namespace weave

extern "C" {

int __cxa_at_quick_exit(void (*function)(void*), void* library) noexcept;

using weave::active;
using weave::Verdict;

int __cxa_atexit(void (*function)(void*), void* argument, void* library) noexcept {
    weave::Execution* const keeper = weave::keeper(library);
    if (keeper == nullptr) {
        return WEAVE_REAL(__cxa_atexit)(function, argument, library);
    }
    if (!weave::writes_profile(function)) {
        keeper->exits.add({function, argument});
    }
    return 0;
}

void exit(int status) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(exit)(status);
        __builtin_unreachable();
    }
    if (!active->settings().is_program) {
        weave::refuse_in_test(*active, WEAVE_PC, "exit");
    }
    active->exit(status);
}

void _exit(int status) {
    if (active == nullptr) {
        WEAVE_REAL(_exit)(status);
        __builtin_unreachable();
    }
    if (!active->settings().is_program) {
        weave::refuse_in_test(*active, WEAVE_PC, "_exit");
    }
    active->exit_at_once(status);
}

void _Exit(int status) noexcept { _exit(status); }

void quick_exit(int status) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(quick_exit)(status);
        __builtin_unreachable();
    }
    if (!active->settings().is_program) {
        weave::refuse_in_test(*active, WEAVE_PC, "quick_exit");
    }
    weave::run_quick_handlers(*active);
    active->exit_at_once(status);
}

int __cxa_at_quick_exit(void (*function)(void*), void* library) noexcept {
    if (weave::keeper(library) == nullptr) {
        return WEAVE_REAL(__cxa_at_quick_exit)(function, library);
    }
    return weave::add_quick_handler(function);
}

void __assert_fail(const char* expression, const char* file, unsigned line,
                   const char* function) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(__assert_fail)(expression, file, line, function);
        __builtin_unreachable();
    }
    active->fail(Verdict::assertion, WEAVE_PC, "%s:%u: assertion '%s' failed in %s", file, line,
                 expression, function);
}

void abort() noexcept {
    if (active == nullptr) {
        WEAVE_REAL(abort)();
        __builtin_unreachable();
    }
    active->fail(Verdict::assertion, WEAVE_PC, "abort() was called");
}
}
