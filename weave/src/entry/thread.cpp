// Threads, what belongs to one, and what is done once: pthread_create and its like, thread-local
// storage, pthread_once, guards of static objects.
#include <pthread.h>
#include <setjmp.h>
#include <unistd.h>
#include <unwind.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "model/atomic.h"
#include "run/execution.h"
#include "run/fiber.h"
#include "run/real.h"
#include "run/stacks.h"

namespace weave {

namespace {

// pthread_t of a thread of an execution: its number, above whatever the system would use for none.
constexpr pthread_t first_handle = 1;

pthread_t handle_of(unsigned thread) { return first_handle + thread; }

/// Of the system's thread that all of them run on.
pthread_t host_handle() { return WEAVE_REAL(pthread_self)(); }

Thread* thread_of(pthread_t handle) {
    const uintptr_t id = handle - first_handle;
    return id < threads_max ? active->threads.find(static_cast<unsigned>(id)) : nullptr;
}

// Started before the main() of a whole program, and not joined yet.
unsigned early_threads = 0;

// ----- thread-local objects ----------------------------------------------------------------------

/// What the compiler emits for each thread_local object with -femulated-tls.
struct EmulatedTls {
    size_t size;
    size_t alignment;
    uintptr_t index;  ///< from 1; 0 until the first use in the process
    const void* initial;
};

constexpr uint32_t locals_max = 4096;

uint32_t index_of(EmulatedTls& object) {
    static uintptr_t last = 0;
    if (object.index == 0) {
        if (last == locals_max - 1) {
            die("too many thread_local objects");
        }
        object.index = ++last;
    }
    return static_cast<uint32_t>(object.index);
}

void* new_local(const EmulatedTls& object, void* memory) {
    if (object.initial != nullptr) {
        std::memcpy(memory, object.initial, object.size);
    } else {
        std::memset(memory, 0, object.size);
    }
    return memory;
}

// Of the threads that are not an execution's.
thread_local void* host_locals[locals_max];

void* host_local(EmulatedTls& object) {
    void*& local = host_locals[index_of(object)];
    if (local == nullptr) {
        const size_t alignment = object.alignment < 16 ? 16 : object.alignment;
        local = new_local(
            object, aligned_alloc(alignment, (object.size + alignment - 1) & ~(alignment - 1)));
    }
    return local;
}

/// A thread's own begins as the compiler says; that of a program's first thread as its constructors
/// of global objects have left it.
void init_local(const Thread& thread, EmulatedTls& object, bool is_program, void* memory) {
    const void* const at_start = host_locals[index_of(object)];
    if (thread.id == 0 && is_program && at_start != nullptr) {
        std::memcpy(memory, at_start, object.size);
    } else {
        new_local(object, memory);
    }
}

void* local_of(Execution& execution, EmulatedTls& object) {
    Thread& thread = execution.current();
    if (thread.locals == nullptr) {
        thread.locals = execution.arena.array<void*>(locals_max);
        std::memset(static_cast<void*>(thread.locals), 0, locals_max * sizeof(void*));
    }
    void*& local = thread.locals[index_of(object)];
    if (local == nullptr) {
        const size_t alignment = object.alignment < 16 ? 16 : object.alignment;
        auto* const block = static_cast<LocalBlock*>(
            execution.arena.bytes(sizeof(LocalBlock) + object.size + alignment));
        const auto room = reinterpret_cast<uintptr_t>(block + 1);
        local = reinterpret_cast<void*>((room + alignment - 1) & ~(alignment - 1));
        *block = {thread.local_blocks, local, object.size};
        thread.local_blocks = block;
        init_local(thread, object, execution.settings().is_program, local);
    }
    return local;
}

void add_destructor(Execution& execution, Destructor destructor) {
    Thread& thread = execution.current();
    if (thread.destructor_count == thread.destructor_capacity) {
        const unsigned capacity =
            thread.destructor_capacity == 0 ? 8 : 2 * thread.destructor_capacity;
        auto* const more = execution.arena.array<Destructor>(capacity);
        if (thread.destructor_count != 0) {
            std::memcpy(more, thread.destructors, thread.destructor_count * sizeof *more);
        }
        thread.destructors = more;
        thread.destructor_capacity = capacity;
    }
    thread.destructors[thread.destructor_count++] = destructor;
}

// ----- pthread_setspecific -----------------------------------------------------------------------

void (*key_destructors[PTHREAD_KEYS_MAX])(void*);
// Keys that an execution makes end with it. The system's, from before, come first.
constexpr uint32_t first_own_key = PTHREAD_KEYS_MAX / 2;

void** values_of(Execution& execution, Thread& thread) {
    if (thread.values == nullptr) {
        thread.values = execution.arena.array<void*>(PTHREAD_KEYS_MAX);
        std::memset(static_cast<void*>(thread.values), 0, PTHREAD_KEYS_MAX * sizeof(void*));
    }
    return thread.values;
}

// ----- the end of a thread in the middle of its functions
// -----------------------------------------

/// Is asked before each frame: goes on as far as the next handler of pthread_cleanup_push(), or to
/// the frame that has started the thread.
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

/// As glibc does it: with destructors, and the handlers of pthread_cleanup_push().
[[noreturn]] void unwind(Execution& execution) {
    auto* const forced = execution.arena.make<_Unwind_Exception>();
    _Unwind_ForcedUnwind(forced, stop_unwinding, nullptr);
    die("a thread could not be unwound");
}

// ----- joining -----------------------------------------------------------------------------------

/// Until a time of the execution's clock, if it is not null.
int join(Execution& execution, pthread_t handle, void** result, const timespec* until,
         uint32_t pc) {
    Thread& self = execution.current();
    Thread* const other = thread_of(handle);
    if (other == nullptr || other->is_joined) {
        return ESRCH;
    }
    if (other == &self) {
        return EDEADLK;
    }
    if (other->is_detached) {
        return EINVAL;
    }
    if (!other->is_finished) {
        self.joins = other->id;
        self.may_time_out = until != nullptr;
        self.times_out_ns = until != nullptr ? nanoseconds_of(*until) : 0;
        execution.wait(Waiting::join, nullptr, pc);
    }
    if (!other->is_finished) {
        return ETIMEDOUT;
    }
    other->is_joined = true;
    self.clock.join(other->clock);
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

// ----- done once ---------------------------------------------------------------------------------

enum OnceState : uint32_t { untouched, running, done };

/// True if the caller has to do it; false after somebody else has.
bool begin_once(Execution& execution, SyncObject& object, uint32_t pc) {
    execution.choice_point(OperationKind::lock, object.number);
    while (object.count == running) {
        object.waiters |= thread_bit(execution.current().id);
        execution.wait(Waiting::once, &object, pc);
    }
    execution.acquire(object.released);
    if (object.count == done) {
        return false;
    }
    object.count = running;
    return true;
}

void end_once(Execution& execution, SyncObject& object, OnceState state) {
    execution.choice_point(OperationKind::unlock, object.number);
    object.count = state;
    object.released = merge(execution.arena, execution.release(), object.released);
    execution.side_effect();
    execution.wake_all(object.waiters);
}

// Outside of an execution the guard of a static object is what the C++ ABI says of its first byte,
// and a claim in the second: the C++ library's own functions may not be there, as these are.

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

void check_start() {
    if (early_threads != 0) {
        refuse_start("a thread that is started before main() is still there in it");
    }
}

void run_key_destructors(Thread& thread) {
    if (thread.values == nullptr) {
        return;
    }
    for (unsigned round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        bool had_some = false;
        for (unsigned key = 0; key < PTHREAD_KEYS_MAX; ++key) {
            void* const value = thread.values[key];
            if (value != nullptr && key_destructors[key] != nullptr) {
                thread.values[key] = nullptr;
                key_destructors[key](value);
                had_some = true;
            }
        }
        if (!had_some) {
            break;
        }
    }
}

}  // namespace weave

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

extern "C" {

void __pthread_register_cancel(__pthread_unwind_buf_t*);
void __pthread_unregister_cancel(__pthread_unwind_buf_t*);
void __pthread_unwind_next(__pthread_unwind_buf_t*);

using weave::active;
using weave::Execution;
using weave::starting;
using weave::SyncKind;
using weave::Thread;

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
    if (active == nullptr) {
        weave::early_threads += starting == nullptr ? 0 : 1;
        return WEAVE_REAL(pthread_create)(handle, attributes, start, argument);
    }
    const unsigned id = active->create_thread(start, argument, WEAVE_PC);
    int state = PTHREAD_CREATE_JOINABLE;
    if (attributes != nullptr) {
        pthread_attr_getdetachstate(attributes, &state);
    }
    active->threads.find(id)->is_detached = state == PTHREAD_CREATE_DETACHED;
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
    return active == nullptr ? WEAVE_REAL(pthread_self)() : weave::handle_of(active->current().id);
}

void pthread_exit(void* result) {
    if (active == nullptr) {
        WEAVE_REAL(pthread_exit)(result);
        __builtin_unreachable();
    }
    active->current().result = result;
    weave::unwind(*active);
}

// What pthread_cleanup_push() and _pop() are in C.

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
    return pthread_attr_setstack(attributes, thread->stack, weave::stack_bytes);
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
    active->choice_point(weave::OperationKind::yield, 0);
    const Thread* const other = weave::thread_of(handle);
    return other != nullptr && !other->is_finished ? EBUSY : pthread_join(handle, result);
}

int pthread_cancel(pthread_t handle) {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_cancel)(handle);
    }
    active->fail(weave::Verdict::unsupported, WEAVE_PC, "pthread_cancel()");
}

int pthread_kill(pthread_t handle, int signal) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_kill)(handle, signal);
    }
    active->fail(weave::Verdict::unsupported, WEAVE_PC, "pthread_kill()");
}

int pthread_once(pthread_once_t* once, void (*function)()) {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_once)(once, function);
    }
    Execution& execution = *active;
    weave::SyncObject& object = execution.object(once, SyncKind::once, WEAVE_PC);
    // Done before this execution began, in a process that explores more than once.
    if (weave::begin_once(execution, object, WEAVE_PC)) {
        try {
            function();
        } catch (...) {
            weave::end_once(execution, object, weave::untouched);
            throw;
        }
        weave::end_once(execution, object, weave::done);
    }
    return 0;
}

#ifdef _LIBCPP_VERSION
// libc++'s std::call_once, after it has read from `flag` that it may not be done: linked with
// --wrap.
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
            weave::end_once(*active, object, weave::untouched);
            throw;
        }
        weave::atomic_store(*active, {address, sizeof *flag, WEAVE_PC, std::memory_order_release},
                            {~0ul, 0});
        weave::end_once(*active, object, weave::done);
    }
}
#endif

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
    if (active == nullptr) {
        const int result = WEAVE_REAL(pthread_key_create)(key, destructor);
        if (result == 0) {
            weave::key_destructors[*key] = destructor;
        }
        return result;
    }
    const uint32_t own = weave::first_own_key + active->threads.next_key();
    if (own >= PTHREAD_KEYS_MAX) {
        return EAGAIN;
    }
    weave::key_destructors[own] = destructor;
    *key = own;
    return 0;
}

void* pthread_getspecific(pthread_key_t key) noexcept {
    return active == nullptr || key >= PTHREAD_KEYS_MAX
               ? WEAVE_REAL(pthread_getspecific)(key)
               : weave::values_of(*active, active->current())[key];
}

int pthread_key_delete(pthread_key_t key) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_key_delete)(key) : 0;
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
    if (active == nullptr || key >= PTHREAD_KEYS_MAX) {
        return WEAVE_REAL(pthread_setspecific)(key, value);
    }
    weave::values_of(*active, active->current())[key] = const_cast<void*>(value);
    return 0;
}

void* __emutls_get_address(void* object) {
    auto& control = *static_cast<weave::EmulatedTls*>(object);
    return active == nullptr ? weave::host_local(control) : weave::local_of(*active, control);
}

// std::call_once passes its function through two thread-local objects of the library, which has
// native ones; code with emulated ones looks for these.
weave::EmulatedTls __emutls_v__ZSt15__once_callable __asm__("__emutls_v._ZSt15__once_callable") = {
    sizeof(void*), alignof(void*), 0, nullptr};
weave::EmulatedTls __emutls_v__ZSt11__once_call __asm__("__emutls_v._ZSt11__once_call") = {
    sizeof(void*), alignof(void*), 0, nullptr};

void __once_proxy() {
    const auto call =
        *static_cast<void (**)()>(__emutls_get_address(&__emutls_v__ZSt11__once_call));
    call();
}

int __cxa_thread_atexit(void (*destructor)(void*), void* object, void* library) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(__cxa_thread_atexit)(destructor, object, library);
    }
    weave::add_destructor(*active, {destructor, object});
    return 0;
}

// The C++ ABI's, of which its headers say different things.
int weave_guard_acquire(uint64_t* guard) __asm__("__cxa_guard_acquire");
void weave_guard_release(uint64_t* guard) __asm__("__cxa_guard_release");
void weave_guard_abort(uint64_t* guard) __asm__("__cxa_guard_abort");

int weave_guard_acquire(uint64_t* guard) {
    auto* const bytes = reinterpret_cast<unsigned char*>(guard);
    if (active == nullptr) {
        return weave::begin_once_for_real(bytes) ? 1 : 0;
    }
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
    weave::atomic_store(
        *active, {reinterpret_cast<uintptr_t>(guard), 1, WEAVE_PC, std::memory_order_release}, one);
    weave::end_once(*active, active->object(guard, SyncKind::once, WEAVE_PC), weave::done);
}

void weave_guard_abort(uint64_t* guard) {
    if (active == nullptr) {
        weave::end_once_for_real(reinterpret_cast<unsigned char*>(guard), false);
        return;
    }
    weave::end_once(*active, active->object(guard, SyncKind::once, WEAVE_PC), weave::untouched);
}
}
