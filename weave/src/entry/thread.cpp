// Threads: defines pthread_create(), _join, _detach, _exit and the rest of the C library's
// functions on threads, and with them std::thread; and what pthread_cleanup_push() calls in C.
#include <pthread.h>
#include <setjmp.h>
#include <unwind.h>

#include <cerrno>
#include <cstdio>

#include "entry/cancel.h"
#include "entry/entry.h"
#include "entry/signal.h"
#include "graph/graph_search.h"
#include "run/fiber.h"
#include "run/stacks.h"

namespace weave {

namespace {

// The pthread_t of a thread is its number plus 1: 0 stays free for programs that use it as "none".
constexpr pthread_t first_handle = 1;

pthread_t handle_of(unsigned thread) { return first_handle + thread; }

/// The handle of the system's thread that all threads of the execution run on.
pthread_t host_handle() { return WEAVE_REAL(pthread_self)(); }

/// The thread with this handle, or null.
Thread* thread_of(pthread_t handle) {
    const uintptr_t id = handle - first_handle;
    return id < threads_max ? active->threads.find(static_cast<unsigned>(id)) : nullptr;
}

// Threads that a shared library has started before main(), and that are not joined yet.
unsigned early_threads = 0;

/// Called for a thread that is started outside of an execution.
void note_early_thread() {
    if (starting != nullptr) {
        explore_constructors();
        ++early_threads;
    }
}

// ----- pthread_exit() ----------------------------------------------------------------------------

/// Called by the unwinder before each frame. Unwinding stops at the next handler that
/// pthread_cleanup_push() has registered, which it runs by longjmp(), or at the thread's first
/// frame, where it ends the thread.
_Unwind_Reason_Code stop_unwinding(int, _Unwind_Action actions, _Unwind_Exception_Class,
                                   _Unwind_Exception*, _Unwind_Context* context, void*) {
    const Thread& thread = active->current();
    const auto frame = static_cast<uintptr_t>(_Unwind_GetCFA(context));
    if (thread.cleanups != nullptr && reinterpret_cast<uintptr_t>(thread.cleanups) < frame) {
        auto* const buffer = static_cast<__pthread_unwind_buf_t*>(thread.cleanups);
        longjmp(reinterpret_cast<__jmp_buf_tag*>(buffer->__cancel_jmp_buf), 1);
    }
    const auto last = reinterpret_cast<_Unwind_Ptr>(&FiberAccess::main);
    if ((actions & _UA_END_OF_STACK) != 0 || _Unwind_GetRegionStart(context) == last) {
        active->end_thread();
    }
    return _URC_NO_REASON;
}

/// Ends the current thread like pthread_exit() in glibc: runs the destructors of its frames and the
/// handlers of pthread_cleanup_push().
[[noreturn]] void unwind(Execution& execution) {
    auto* const forced = execution.arena.make<_Unwind_Exception>();
    _Unwind_ForcedUnwind(forced, stop_unwinding, nullptr);
    die("cannot unwind the stack of a thread that calls pthread_exit()");
}

/// Gives a thread the size of stack that its attributes ask for, if that is more than usual.
void give_stack(Execution& execution, unsigned id, const pthread_attr_t& attributes, uint32_t pc) {
    size_t size = 0;
    pthread_attr_getstacksize(&attributes, &size);
    if (size > stack_bytes) {
        execution.fail(Verdict::limit, pc, "a stack of %zu KiB; weave has stacks of up to %zu KiB",
                       size / 1024, stack_bytes / 1024);
    }
    if (size > usual_stack_bytes) {
        fiber_stacks().set_size(id, size);
    }
}

/// Cancels a thread: it ends at its next cancellation point, or at the one where it waits.
int cancel(Execution& execution, pthread_t handle) {
    Thread* const thread = thread_of(handle);
    if (thread == nullptr || thread->is_joined) {
        return ESRCH;
    }
    execution.choice_point(OperationKind::other, 0);
    thread->is_cancelled = true;
    execution.side_effect();
    execution.threads.interrupt(thread->id);
    return 0;
}

int set_cancel_state(Execution& execution, int state, int* before) {
    Thread& thread = execution.current();
    if (before != nullptr) {
        *before = thread.ignores_cancel ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
    }
    thread.ignores_cancel = state == PTHREAD_CANCEL_DISABLE;
    return 0;
}

// ----- joining -----------------------------------------------------------------------------------

/// Joins a thread, waiting until `until` on the execution's clock, or without a limit if it is
/// null. Returns 0, ESRCH, EDEADLK, EINVAL or ETIMEDOUT.
int join(Execution& execution, pthread_t handle, void** result, const timespec* until,
         uint32_t pc) {
    Thread& self = execution.current();
    Thread* const other = thread_of(handle);
    if (other == nullptr) {
        return ESRCH;
    }
    // POSIX leaves it open what happens then: the handle may stand for another thread already.
    if (other->is_joined) {
        execution.fail(Verdict::assertion, pc, "thread %u is joined twice", other->id);
    }
    if (other == &self) {
        return EDEADLK;
    }
    if (other->is_detached) {
        return EINVAL;
    }
    test_cancel(execution);
    while (!other->is_finished) {
        self.joins = other->id;
        self.may_time_out = until != nullptr;
        self.times_out_ns = until != nullptr ? nanoseconds_of(*until) : 0;
        execution.wait(Waiting::join, nullptr, pc);
        if (!self.was_interrupted) {
            break;
        }
        handle_signals(execution);
        test_cancel(execution);
    }
    WEAVE_CHECK(other->is_finished || until != nullptr, other->id);
    if (!other->is_finished) {
        return ETIMEDOUT;
    }
    other->is_joined = true;
    if (execution.graph() == nullptr || execution.graph()->joins(other->id)) {
        self.clock.join(other->clock);
    }
    if (result != nullptr) {
        *result = other->result;
    }
    Event event{};
    event.kind = Event::Kind::join;
    event.object = other->id;
    event.pc = pc;
    execution.trace(event);
    return 0;
}

}  // namespace

void test_cancel(Execution& execution) {
    Thread& thread = execution.current();
    if (thread.is_cancelled && !thread.ignores_cancel) {
        thread.is_cancelled = false;
        thread.result = PTHREAD_CANCELED;
        unwind(execution);
    }
}

void check_start() {
    if (early_threads != 0) {
        refuse_start("a thread that a shared library started before main() is still running");
    }
}

}  // namespace weave

extern "C" {

void __pthread_register_cancel(__pthread_unwind_buf_t*);
void __pthread_unregister_cancel(__pthread_unwind_buf_t*);
void __pthread_unwind_next(__pthread_unwind_buf_t*);

using weave::active;
using weave::starting;
using weave::Thread;

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
    if (active == nullptr) {
        weave::note_early_thread();
        return WEAVE_REAL(pthread_create)(handle, attributes, start, argument);
    }
    const unsigned id = active->create_thread(start, argument, WEAVE_PC);
    WEAVE_CHECK(id < weave::threads_max, id);
    int state = PTHREAD_CREATE_JOINABLE;
    if (attributes != nullptr) {
        pthread_attr_getdetachstate(attributes, &state);
        weave::give_stack(*active, id, *attributes, WEAVE_PC);
    }
    active->threads.find(id)->is_detached = state == PTHREAD_CREATE_DETACHED;
    weave::inherit_mask(*active, id);
    *handle = weave::handle_of(id);
    return 0;
}

int pthread_join(pthread_t handle, void** result) {
    if (active == nullptr) {
        weave::early_threads -= starting == nullptr ? 0 : 1;
        return WEAVE_REAL(pthread_join)(handle, result);
    }
    return weave::join(*active, handle, result, nullptr, WEAVE_PC);
}

int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_timedjoin_np)(handle, result, until)
                             : weave::join(*active, handle, result, until, WEAVE_PC);
}

int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock, const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_clockjoin_np)(handle, result, clock, until)
                             : weave::join(*active, handle, result, until, WEAVE_PC);
}

int pthread_detach(pthread_t handle) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_detach)(handle);
    }
    Thread* const other = weave::thread_of(handle);
    if (other == nullptr) {
        return ESRCH;
    }
    other->is_detached = true;
    return 0;
}

pthread_t pthread_self() noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_self)();
    }
    active->tells_twins_apart("a thread that asks who it is");
    return weave::handle_of(active->current().id);
}

void pthread_exit(void* result) {
    if (active == nullptr) {
        WEAVE_REAL(pthread_exit)(result);
        __builtin_unreachable();
    }
    active->current().result = result;
    weave::unwind(*active);
}

// The functions that the macros pthread_cleanup_push() and pthread_cleanup_pop() call in C.

void __pthread_register_cancel(__pthread_unwind_buf_t* buffer) {
    if (active == nullptr) {
        WEAVE_REAL(__pthread_register_cancel)(buffer);
        return;
    }
    Thread& thread = active->current();
    buffer->__pad[0] = thread.cleanups;
    thread.cleanups = buffer;
}

void __pthread_unregister_cancel(__pthread_unwind_buf_t* buffer) {
    if (active == nullptr) {
        WEAVE_REAL(__pthread_unregister_cancel)(buffer);
        return;
    }
    active->current().cleanups = buffer->__pad[0];
}

void __pthread_unwind_next(__pthread_unwind_buf_t* buffer) {
    if (active == nullptr) {
        WEAVE_REAL(__pthread_unwind_next)(buffer);
        __builtin_unreachable();
    }
    active->current().cleanups = buffer->__pad[0];
    weave::unwind(*active);
}

int pthread_setname_np(pthread_t handle, const char* name) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_setname_np)(handle, name) : 0;
}

int pthread_getname_np(pthread_t handle, char* name, size_t size) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_getname_np)(handle, name, size);
    }
    return std::snprintf(name, size, "thread %u", static_cast<unsigned>(handle)) <
                   static_cast<int>(size)
               ? 0
               : ERANGE;
}

int pthread_getattr_np(pthread_t handle, pthread_attr_t* attributes) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_getattr_np)(handle, attributes);
    }
    const Thread* const thread = weave::thread_of(handle);
    if (thread == nullptr) {
        return ESRCH;
    }
    pthread_attr_init(attributes);
    const size_t size = weave::fiber_stacks().size(thread->id);
    return pthread_attr_setstack(attributes, thread->stack + weave::stack_bytes - size, size);
}

int pthread_getschedparam(pthread_t handle, int* policy, sched_param* parameters) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_getschedparam)(handle, policy, parameters);
    }
    *policy = SCHED_OTHER;
    *parameters = {};
    return 0;
}

int pthread_getaffinity_np(pthread_t handle, size_t size, cpu_set_t* set) noexcept {
    return WEAVE_REAL(pthread_getaffinity_np)(active == nullptr ? handle : weave::host_handle(),
                                              size, set);
}

int pthread_setaffinity_np(pthread_t handle, size_t size, const cpu_set_t* set) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_setaffinity_np)(handle, size, set) : 0;
}

int pthread_setschedparam(pthread_t handle, int policy, const sched_param* parameters) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_setschedparam)(handle, policy, parameters) : 0;
}

int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_tryjoin_np)(handle, result);
    }
    active->is_beyond_graphs("a join that does not wait");
    active->choice_point(weave::OperationKind::yield, 0);
    const Thread* const other = weave::thread_of(handle);
    return other != nullptr && !other->is_finished ? EBUSY : pthread_join(handle, result);
}

int pthread_cancel(pthread_t handle) {
    return active == nullptr ? WEAVE_REAL(pthread_cancel)(handle) : weave::cancel(*active, handle);
}

int pthread_kill(pthread_t handle, int number) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_kill)(handle, number);
    }
    const Thread* const thread = weave::thread_of(handle);
    if (thread == nullptr || thread->is_joined) {
        return ESRCH;
    }
    active->choice_point(weave::OperationKind::wake, 0);
    if (number != 0 && !thread->is_finished) {
        weave::send_signal(*active, thread->id, number, sigval{}, WEAVE_PC);
        weave::handle_signals(*active);
    }
    return 0;
}

int pthread_setcancelstate(int state, int* before) {
    return active == nullptr ? WEAVE_REAL(pthread_setcancelstate)(state, before)
                             : weave::set_cancel_state(*active, state, before);
}

int pthread_setcanceltype(int type, int* before) {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_setcanceltype)(type, before);
    }
    if (type == PTHREAD_CANCEL_ASYNCHRONOUS) {
        active->fail(weave::Verdict::unsupported, WEAVE_PC,
                     "asynchronous cancellation, which weave does not model");
    }
    if (before != nullptr) {
        *before = PTHREAD_CANCEL_DEFERRED;
    }
    return 0;
}

void pthread_testcancel() {
    if (active == nullptr) {
        WEAVE_REAL(pthread_testcancel)();
        return;
    }
    active->choice_point(weave::OperationKind::yield, 0);
    weave::test_cancel(*active);
}
}
