// Thread-local storage: defines __emutls_get_address() of the compiler's library, for thread_local
// objects compiled with -femulated-tls; __cxa_thread_atexit() of the C++ ABI; and pthread_key_*,
// pthread_getspecific() and pthread_setspecific() of the C library.
//
// A thread's objects are in the execution's arena, and are initialised when it first uses them.
#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <iterator>

#include "entry/entry.h"
#include "entry/mutex.h"
#include "entry/thread_local.h"

namespace weave {

namespace {

constexpr uint32_t locals_max = 4096;

/// The index of an object, which it gets when it is first used in the process.
uint32_t index_of(EmulatedTls& object) {
    static uintptr_t last = 0;
    if (object.index == 0) {
        if (last == locals_max - 1) {
            die("the program has more thread_local objects than the maximum of 4,095");
        }
        object.index = ++last;
    }
    WEAVE_CHECK(object.index < locals_max, object.index);
    return static_cast<uint32_t>(object.index);
}

void* new_local(const EmulatedTls& object, void* memory) {
    WEAVE_CHECK(reinterpret_cast<uintptr_t>(memory) % object.alignment == 0, memory,
                object.alignment);
    if (object.initial != nullptr) {
        std::memcpy(memory, object.initial, object.size);
    } else {
        std::memset(memory, 0, object.size);
    }
    return memory;
}

// The objects of threads outside of an execution.
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

/// Gives a new object its initial value. The first thread of a whole program continues with the
/// value that constructors of global objects have left.
void init_local(const Thread& thread, EmulatedTls& object, bool is_program, void* memory) {
    const void* const at_start = host_locals[index_of(object)];
    if (thread.id == 0 && is_program && at_start != nullptr) {
        std::memcpy(memory, at_start, object.size);
    } else {
        new_local(object, memory);
    }
}

/// The current thread's copy of an object; made on first use.
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

using KeyDestructor = void (*)(void*);
// An execution's own keys start here and are forgotten at its end. Keys below were created by the
// system outside of an execution.
constexpr uint32_t first_own_key = PTHREAD_KEYS_MAX / 2;
KeyDestructor system_key_destructors[first_own_key];
// Emptied by the first look of an execution.
WEAVE_KEPT KeyDestructor own_key_destructors[PTHREAD_KEYS_MAX - first_own_key] = {};
WEAVE_KEPT uint32_t own_keys_execution = 0;

/// The destructor of a key; null: it has none.
KeyDestructor& destructor_of(uint32_t key) {
    WEAVE_CHECK(key < PTHREAD_KEYS_MAX, key);
    if (key < first_own_key) {
        return system_key_destructors[key];
    }
    if (active != nullptr && own_keys_execution != active->number()) {
        own_keys_execution = active->number();
        std::fill(std::begin(own_key_destructors), std::end(own_key_destructors), nullptr);
    }
    return own_key_destructors[key - first_own_key];
}

void** values_of(Execution& execution, Thread& thread) {
    if (thread.values == nullptr) {
        thread.values = execution.arena.array<void*>(PTHREAD_KEYS_MAX);
        std::memset(static_cast<void*>(thread.values), 0, PTHREAD_KEYS_MAX * sizeof(void*));
    }
    return thread.values;
}

}  // namespace

void run_key_destructors(Thread& thread) {
    if (thread.values == nullptr) {
        leave_robust_mutexes(*active);
        return;
    }
    for (unsigned round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        bool had_some = false;
        for (unsigned key = 0; key < PTHREAD_KEYS_MAX; ++key) {
            void* const value = thread.values[key];
            if (value != nullptr && destructor_of(key) != nullptr) {
                thread.values[key] = nullptr;
                destructor_of(key)(value);
                had_some = true;
            }
        }
        if (!had_some) {
            break;
        }
    }
    leave_robust_mutexes(*active);
}

}  // namespace weave

extern "C" {

using weave::active;

int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
    if (active == nullptr) {
        const int result = WEAVE_REAL(pthread_key_create)(key, destructor);
        if (result == 0) {
            weave::destructor_of(*key) = destructor;
        }
        return result;
    }
    const uint32_t own = weave::first_own_key + active->threads.next_key();
    if (own >= PTHREAD_KEYS_MAX) {
        return EAGAIN;
    }
    weave::destructor_of(own) = destructor;
    *key = own;
    return 0;
}

void* pthread_getspecific(pthread_key_t key) noexcept {
    return active == nullptr || key >= PTHREAD_KEYS_MAX
               ? WEAVE_REAL(pthread_getspecific)(key)
               : weave::values_of(*active, active->current())[key];
}

int pthread_key_delete(pthread_key_t key) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_key_delete)(key);
    }
    if (key >= PTHREAD_KEYS_MAX) {
        return EINVAL;
    }
    // POSIX: no destructor is called for the values that threads still have.
    weave::destructor_of(key) = nullptr;
    return 0;
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

int __cxa_thread_atexit(void (*destructor)(void*), void* object, void* library) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(__cxa_thread_atexit)(destructor, object, library);
    }
    weave::add_destructor(*active, {destructor, object});
    return 0;
}
}
