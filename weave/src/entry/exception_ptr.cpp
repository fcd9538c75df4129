// std::exception_ptr: defines the functions of libstdc++ and libc++ that count the owners of an
// exception, which are not instrumented. The last owner destroys the exception, and what the other
// owners did with it happens before that. Linked with --wrap.
#include "entry/entry.h"

namespace weave {

namespace {

/// Synchronises with all earlier changes of the count, as an acquire-release RMW does.
void change_count(const void* exception, uint32_t pc) {
    if (active == nullptr || exception == nullptr) {
        return;
    }
    Execution& execution = *active;
    SyncObject& count = execution.object(exception, SyncKind::count, pc);
    execution.acquire(count.released);
    count.released = execution.release();
}

}  // namespace

}  // namespace weave

extern "C" {

#ifdef _LIBCPP_VERSION
void __real___cxa_increment_exception_refcount(void* exception) noexcept;
void __real___cxa_decrement_exception_refcount(void* exception) noexcept;
void __wrap___cxa_increment_exception_refcount(void* exception) noexcept;
void __wrap___cxa_decrement_exception_refcount(void* exception) noexcept;

void __wrap___cxa_increment_exception_refcount(void* exception) noexcept {
    weave::change_count(exception, WEAVE_PC);
    __real___cxa_increment_exception_refcount(exception);
}

void __wrap___cxa_decrement_exception_refcount(void* exception) noexcept {
    weave::change_count(exception, WEAVE_PC);
    __real___cxa_decrement_exception_refcount(exception);
}
#else

void __real__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self) __attribute__((weak));
void __real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) __attribute__((weak));
void __wrap__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self);
void __wrap__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self);

void __wrap__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(void** self) {
    weave::change_count(*self, WEAVE_PC);
    __real__ZNSt15__exception_ptr13exception_ptr9_M_addrefEv(self);
}

void __wrap__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) {
    weave::change_count(*self, WEAVE_PC);
    __real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(self);
}
#endif
}
