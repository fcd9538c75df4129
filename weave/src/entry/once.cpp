// What is done once: defines pthread_once() of the C library, the guards of static local objects of
// the C++ ABI (__cxa_guard_*), and what std::call_once needs: the thread-local objects and
// __once_proxy() of libstdc++, and std::__call_once() of libc++.
#include <pthread.h>

#include "entry/entry.h"
#include "entry/lock.h"
#include "entry/thread_local.h"
#include "model/atomic.h"

namespace weave {

namespace {

enum OnceState : uint32_t { untouched, running, done };

/// The object of a pthread_once_t, which is done if it was before the execution began.
SyncObject& once_object(Execution& execution, const pthread_once_t* once, uint32_t pc) {
    constexpr int done_bit = 2;  // as glibc has it
    const bool is_new = execution.object_if_used(once) == nullptr;
    SyncObject& object = execution.object(once, SyncKind::once, pc);
    if (is_new && (*once & done_bit) != 0) {
        object.count = done;
    }
    return object;
}

/// Returns true if the caller must run the function, and then call end_once(); false if it has run,
/// after waiting for it if necessary.
bool begin_once(Execution& execution, SyncObject& object, uint32_t pc) {
    execution.choice_point_of(OperationKind::lock, object, Wants::exclusive);
    while (object.count == running) {
        object.waiters |= thread_bit(execution.current().id);
        execution.wait(Waiting::once, &object, pc);
    }
    execution.acquire(object.released);
    WEAVE_CHECK(object.count == untouched || object.count == done, object.count);
    if (object.count == done) {
        return false;
    }
    object.count = running;
    trace_object(execution, Event::Kind::call_once, object, pc);
    return true;
}

void end_once(Execution& execution, SyncObject& object, OnceState state, uint32_t pc) {
    execution.choice_point_of(OperationKind::unlock, object, Wants::nothing);
    WEAVE_CHECK(object.count == running, object.count);
    object.count = state;
    trace_object(execution, Event::Kind::once_done, object, pc);
    object.released = merge(execution.arena, execution.release(), object.released);
    execution.side_effect();
    execution.wake_all(object.waiters);
}

// Guards outside of an execution. Byte 0 says whether the object is initialised, as the Itanium C++
// ABI (3.3.3) has it; byte 1 is 1 while a thread initialises it. The C++ library's own functions
// cannot be called, as these replace them at link time.

/// Returns true if the caller must initialise the object. The acquire load of byte 0 pairs with the
/// release store in end_once_for_real(); the acquire exchange of byte 1 with its release stores.
bool begin_once_for_real(unsigned char* guard) {
    for (;;) {
        if (__atomic_load_n(&guard[0], __ATOMIC_ACQUIRE) != 0) {
            return false;
        }
        if (__atomic_exchange_n(&guard[1], 1, __ATOMIC_ACQUIRE) == 0) {
            if (__atomic_load_n(&guard[0], __ATOMIC_ACQUIRE) == 0) {
                return true;
            }
            __atomic_store_n(&guard[1], 0, __ATOMIC_RELEASE);
        }
        sched_yield();
    }
}

void end_once_for_real(unsigned char* guard, bool is_done) {
    __atomic_store_n(&guard[0], is_done, __ATOMIC_RELEASE);
    __atomic_store_n(&guard[1], 0, __ATOMIC_RELEASE);
}

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;
using weave::Execution;
using weave::SyncKind;

int pthread_once(pthread_once_t* once, void (*function)()) {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_once)(once, function);
    }
    Execution& execution = *active;
    weave::SyncObject& object = weave::once_object(execution, once, WEAVE_PC);
    if (weave::begin_once(execution, object, WEAVE_PC)) {
        try {
            function();
        } catch (...) {
            weave::end_once(execution, object, weave::untouched, WEAVE_PC);
            throw;
        }
        weave::end_once(execution, object, weave::done, WEAVE_PC);
    }
    return 0;
}

#ifdef _LIBCPP_VERSION
// What libc++'s std::call_once calls after it has read from `flag` that the function may not have
// run. Linked with --wrap.
void __real__ZNSt3__111__call_onceERVmPvPFvS2_E(volatile unsigned long* flag, void* argument,
                                                void (*function)(void*));
void __wrap__ZNSt3__111__call_onceERVmPvPFvS2_E(volatile unsigned long* flag, void* argument,
                                                void (*function)(void*));

void __wrap__ZNSt3__111__call_onceERVmPvPFvS2_E(volatile unsigned long* flag, void* argument,
                                                void (*function)(void*)) {
    if (active == nullptr) {
        __real__ZNSt3__111__call_onceERVmPvPFvS2_E(flag, argument, function);
        return;
    }
    const auto address = reinterpret_cast<uintptr_t>(flag);
    weave::SyncObject& object =
        active->object(reinterpret_cast<void*>(address), SyncKind::once, WEAVE_PC);
    if (weave::begin_once(*active, object, WEAVE_PC)) {
        try {
            function(argument);
        } catch (...) {
            weave::end_once(*active, object, weave::untouched, WEAVE_PC);
            throw;
        }
        weave::atomic_store<sizeof *flag>(
            *active, {address, sizeof *flag, WEAVE_PC, std::memory_order_release}, {~0ul, 0});
        weave::end_once(*active, object, weave::done, WEAVE_PC);
    }
}
#endif

// libstdc++'s std::call_once passes its function through two thread-local objects. The library's
// are native; code that is compiled with -femulated-tls uses these.
weave::EmulatedTls __emutls_v__ZSt15__once_callable __asm__("__emutls_v._ZSt15__once_callable") = {
    sizeof(void*), alignof(void*), 0, nullptr};
weave::EmulatedTls __emutls_v__ZSt11__once_call __asm__("__emutls_v._ZSt11__once_call") = {
    sizeof(void*), alignof(void*), 0, nullptr};

// A shared library that was compiled without weave's flags passes its function through the native
// ones.
void __once_proxy() {
    using Call = void();
    auto* const call = *static_cast<Call**>(__emutls_get_address(&__emutls_v__ZSt11__once_call));
    if (call != nullptr) {
        return call();
    }
    auto* const native = reinterpret_cast<Call*>(dlsym(RTLD_NEXT, "__once_proxy"));
    if (native != nullptr) {
        native();
    }
}

// The guard functions of the C++ ABI, under other names here: their declarations differ between the
// headers of the C++ libraries.
int weave_guard_acquire(uint64_t* guard) __asm__("__cxa_guard_acquire");
void weave_guard_release(uint64_t* guard) __asm__("__cxa_guard_release");
void weave_guard_abort(uint64_t* guard) __asm__("__cxa_guard_abort");

int weave_guard_acquire(uint64_t* guard) {
    auto* const bytes = reinterpret_cast<unsigned char*>(guard);
    if (active == nullptr) {
        return weave::begin_once_for_real(bytes) ? 1 : 0;
    }
    // Initialised before this execution began, in a process that explores more than once.
    if (bytes[0] != 0 && active->object_if_used(guard) == nullptr) {
        return 0;
    }
    return weave::begin_once(*active, active->object(guard, SyncKind::once, WEAVE_PC), WEAVE_PC)
               ? 1
               : 0;
}

void weave_guard_release(uint64_t* guard) {
    if (active == nullptr) {
        weave::end_once_for_real(reinterpret_cast<unsigned char*>(guard), true);
        return;
    }
    weave::Value one;
    one.low = 1;
    weave::atomic_store<1>(
        *active, {reinterpret_cast<uintptr_t>(guard), 1, WEAVE_PC, std::memory_order_release}, one);
    weave::end_once(*active, active->object(guard, SyncKind::once, WEAVE_PC), weave::done,
                    WEAVE_PC);
}

void weave_guard_abort(uint64_t* guard) {
    if (active == nullptr) {
        weave::end_once_for_real(reinterpret_cast<unsigned char*>(guard), false);
        return;
    }
    weave::end_once(*active, active->object(guard, SyncKind::once, WEAVE_PC), weave::untouched,
                    WEAVE_PC);
}
}
