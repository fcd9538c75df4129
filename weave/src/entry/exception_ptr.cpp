// std::exception_ptr: the C++ library, either of them, counts the owners of an exception without
// our seeing it, and the last one destroys it, after all that the others have done with it. Linked
// with
// --wrap.
#include "run/execution.h"

namespace weave {

namespace {

/// Each change of the count follows on all earlier ones.
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

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

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
