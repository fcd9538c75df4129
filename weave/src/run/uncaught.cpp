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
    execution.fail(Verdict::crash, 0, "an exception of type %s is not caught%s%s", name,
                   what == nullptr ? "" : ": ", what == nullptr ? "" : what);
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
