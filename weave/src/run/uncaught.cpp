// The handler of std::terminate(), which the C++ runtime calls for an uncaught exception too.
#include "run/uncaught.h"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <typeinfo>

#include "run/execution.h"

namespace weave {

namespace {

[[noreturn]] void fail_uncaught(const std::type_info& type, const char* what) {
    Execution& execution = *active;
    // The demangler allocates: that must not be the program's allocator.
    active = nullptr;
    int status;
    char* const readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
    char name[200];
    std::snprintf(name, sizeof name, "%s", readable == nullptr ? type.name() : readable);
    std::free(readable);
    active = &execution;
    Facts facts{};
    facts.verdict = Verdict::crash;
    facts.thread = execution.current().id;
    facts.pc = execution.current().thrown_pc;
    if (execution.current().thrown_stack != nullptr) {
        facts.stack = *execution.current().thrown_stack;
    }
    std::snprintf(facts.what, sizeof facts.what, "an exception of type %s is not caught%s%s", name,
                  what == nullptr ? "" : ": ", what == nullptr ? "" : what);
    execution.fail(facts);
}

[[noreturn]] void on_terminate() {
    if (active == nullptr) {
        std::abort();
    }
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) {
        active->fail(Verdict::assertion, 0, "std::terminate() was called");
    }
    try {
        throw;
    } catch (const std::exception& exception) {
        fail_uncaught(*type, exception.what());
    } catch (...) {
        fail_uncaught(*type, nullptr);
    }
}

}  // namespace

TerminateHandler::TerminateHandler() : before_(std::set_terminate(on_terminate)) {}

TerminateHandler::~TerminateHandler() { std::set_terminate(before_); }

}  // namespace weave

extern "C" {

/// Missing where nothing is linked with --wrap; then nothing calls its wrapper either.
[[noreturn]] __attribute__((weak)) void __real___cxa_throw(void* exception, std::type_info* type,
                                                           void (*destroy)(void*));
[[noreturn]] void __wrap___cxa_throw(void* exception, std::type_info* type, void (*destroy)(void*));

/// Linked with --wrap: an exception that no handler takes is found out when its stack is gone.
__attribute__((noinline)) void __wrap___cxa_throw(void* exception, std::type_info* type,
                                                  void (*destroy)(void*)) {
    if (weave::active != nullptr) {
        weave::Thread& thread = weave::active->current();
        thread.thrown_pc = weave::pc_of(__builtin_return_address(0));
        thread.thrown_stack = weave::active->stack_if_traced();
    }
    __real___cxa_throw(exception, type, destroy);
}
}
