// Semaphores: defines sem_* of the C library.
//
// Another process may wait for, and post to, a semaphore that has a name or was initialised as
// shared. Its count is then the system's, in the bytes of the sem_t. The names are known to an
// execution and to the children that it forks, which share the memory.
#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>

#include <climits>
#include <cstdarg>
#include <cstring>

#include "entry/cancel.h"
#include "entry/descriptor.h"
#include "entry/library.h"
#include "entry/lock.h"

namespace weave {

namespace {

constexpr uint32_t initialised = 0x5eed'1234;

/// The last word of a sem_t, which glibc does not use: it says whether the semaphore is initialised
/// or destroyed.
uint32_t* mark_of(sem_t* semaphore) {
    return reinterpret_cast<uint32_t*>(reinterpret_cast<char*>(semaphore) + sizeof *semaphore) - 1;
}

/// The object of a semaphore. If the semaphore was initialised before the execution began, its
/// count is the first word of the sem_t, as glibc has it.
SyncObject& semaphore_object(Execution& execution, sem_t* semaphore, uint32_t pc) {
    return live_object(execution, semaphore, SyncKind::semaphore, mark_of(semaphore), "a semaphore",
                       pc, [&](SyncObject& object) {
                           if (*mark_of(semaphore) != initialised) {
                               execution.fail(Verdict::assertion, pc,
                                              "a semaphore is used before its initialisation");
                           }
                           object.count = *reinterpret_cast<const uint32_t*>(semaphore);
                       });
}

/// May other processes use it? That is what the word after the count says, as glibc has it.
bool is_shared(const sem_t* semaphore) {
    int kind = 0;
    std::memcpy(&kind, reinterpret_cast<const char*>(semaphore) + sizeof(uint64_t), sizeof kind);
    return kind != 0;
}

/// A wait is a cancellation point; sem_trywait() is none.
void test_cancel_of(Execution& execution, const Request& request) {
    if (request.waits()) {
        test_cancel(execution);
    }
}

/// The same wait for a semaphore that other processes may post to.
int wait_for_shared(Execution& execution, SyncObject& object, sem_t* semaphore,
                    const Request& request) {
    execution.is_beyond_graphs("a semaphore that processes share");
    arrive_at(execution, OperationKind::lock, object, request.pc);
    const auto take = [semaphore] { return WEAVE_REAL(sem_trywait)(semaphore) == 0; };
    if (!wait_until(execution, request.patience, request.pc, take, Waiting::shared_semaphore)) {
        errno = request.patience.is_none() ? EAGAIN : ETIMEDOUT;
        return -1;
    }
    trace_object(execution, Event::Kind::take, object, request.pc);
    execution.acquire(object.released);
    execution.side_effect();
    return 0;
}

int wait_for_semaphore(Execution& execution, sem_t* semaphore, const Request& request) {
    SyncObject& object = semaphore_object(execution, semaphore, request.pc);
    if (is_shared(semaphore)) {
        return wait_for_shared(execution, object, semaphore, request);
    }
    arrive_at(execution, OperationKind::lock, object, request.pc, request.needs(Wants::exclusive));
    const int error = wait_until_free(execution, object, Waiting::semaphore, request, [&] {
        test_cancel_of(execution, request);
        return object.count != 0;
    });
    if (error != 0) {
        errno = error == EBUSY ? EAGAIN : error;
        return -1;
    }
    WEAVE_CHECK(object.count != 0, object.number);
    --object.count;
    trace_object(execution, Event::Kind::take, object, request.pc, object.count);
    execution.acquire(object.released);
    execution.side_effect();
    return 0;
}

int post_to_semaphore(Execution& execution, sem_t* semaphore, uint32_t pc) {
    SyncObject& object = semaphore_object(execution, semaphore, pc);
    arrive_at(execution, OperationKind::unlock, object, pc);
    object.released = merge(execution.arena, object.released, execution.release());
    if (is_shared(semaphore)) {
        trace_object(execution, Event::Kind::post, object, pc);
        const int result = WEAVE_REAL(sem_post)(semaphore);
        wake_waiters(execution, pc);
        return result;
    }
    ++object.count;
    trace_object(execution, Event::Kind::post, object, pc, object.count);
    execution.side_effect();
    change(execution, object.availability);
    execution.wake_all(object.waiters);
    return 0;
}

int value_of(Execution& execution, sem_t* semaphore, uint32_t pc) {
    const SyncObject& object = semaphore_object(execution, semaphore, pc);
    if (!is_shared(semaphore)) {
        return static_cast<int>(object.count);
    }
    int value = 0;
    WEAVE_REAL(sem_getvalue)(semaphore, &value);
    return value;
}

// ----- names -------------------------------------------------------------------------------------

struct Named {
    char name[NAME_MAX + 1];
    bool is_unlinked;
    sem_t* semaphore;
    Named* next;
};

/// Those of an execution.
struct AllNamed {
    uint32_t execution;
    Named* first;
    size_t count;
};
AllNamed all_named{};
/// Where they are: memory that forked children share. All executions use the same.
WEAVE_KEPT sem_t* named_semaphores = nullptr;
constexpr size_t named_max = 4096;

AllNamed& named_of(const Execution& execution) {
    if (all_named.execution != execution.number()) {
        all_named = {execution.number(), nullptr, 0};
    }
    return all_named;
}

Named* find_named(const AllNamed& all, const char* name) {
    for (Named* named = all.first; named != nullptr; named = named->next) {
        if (!named->is_unlinked && std::strcmp(named->name, name) == 0) {
            return named;
        }
    }
    return nullptr;
}

/// Room for one more, or null.
sem_t* new_named_semaphore(AllNamed& all) {
    if (named_semaphores == nullptr) {
        void* const memory = mmap(nullptr, named_max * sizeof(sem_t), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            return nullptr;
        }
        named_semaphores = static_cast<sem_t*>(memory);
    }
    return all.count == named_max ? nullptr : named_semaphores + all.count++;
}

sem_t* fail_to_open(int error) {
    errno = error;
    return SEM_FAILED;
}

sem_t* open_named(Execution& execution, const char* name, int flags, unsigned value, uint32_t pc) {
    execution.choice_point(OperationKind::other, 0);
    AllNamed& all = named_of(execution);
    if (Named* const named = find_named(all, name); named != nullptr) {
        return (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0 ? fail_to_open(EEXIST)
                                                               : named->semaphore;
    }
    if ((flags & O_CREAT) == 0) {
        return fail_to_open(ENOENT);
    }
    if (value > SEM_VALUE_MAX) {
        return fail_to_open(EINVAL);
    }
    auto* const named = execution.arena.make<Named>();
    sem_t* const semaphore = new_named_semaphore(all);
    if (semaphore == nullptr || std::strlen(name) > NAME_MAX) {
        return fail_to_open(semaphore == nullptr ? ENOMEM : ENAMETOOLONG);
    }
    std::memcpy(named->name, name, std::strlen(name) + 1);
    named->semaphore = semaphore;
    named->next = all.first;
    all.first = named;
    initialise_object(execution, semaphore, SyncKind::semaphore, "a semaphore", pc);
    WEAVE_REAL(sem_init)(semaphore, 1, value);
    *mark_of(semaphore) = initialised;
    execution.side_effect();
    return semaphore;
}

bool is_named(const sem_t* semaphore) {
    for (const Named* named = all_named.first; named != nullptr; named = named->next) {
        if (named->semaphore == semaphore) {
            return true;
        }
    }
    return false;
}

}  // namespace

}  // namespace weave

/// Defines a function that waits for `semaphore`.
#define WEAVE_SEMAPHORE(SPECIFIER, NAME, PARAMETERS, ARGUMENTS, PATIENCE) \
    WEAVE_ENTRY_AS(SPECIFIER, NAME, PARAMETERS, ARGUMENTS,                \
                   WEAVE_ASK(wait_for_semaphore, semaphore, PATIENCE, false))

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::no_patience;
using weave::patience_until;
using weave::SyncKind;

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
    if (active != nullptr) {
        weave::initialise_object(*active, semaphore, SyncKind::semaphore, "a semaphore", WEAVE_PC)
            .count = value;
    }
    *weave::mark_of(semaphore) = weave::initialised;
    return WEAVE_REAL(sem_init)(semaphore, shared, value);
}

WEAVE_ENTRY(sem_destroy, (sem_t * semaphore), (semaphore),
            weave::destroy_object(execution, semaphore, weave::mark_of(semaphore), "a semaphore",
                                  pc);
            return 0;)
WEAVE_ENTRY(sem_getvalue, (sem_t * semaphore, int* value), (semaphore, value),
            *value = weave::value_of(execution, semaphore, pc);
            return 0;)
WEAVE_ENTRY(sem_post, (sem_t * semaphore), (semaphore),
            return weave::post_to_semaphore(execution, semaphore, pc);)
WEAVE_SEMAPHORE(, sem_wait, (sem_t * semaphore), (semaphore), endless_patience)
WEAVE_SEMAPHORE(noexcept, sem_trywait, (sem_t * semaphore), (semaphore), no_patience)
WEAVE_SEMAPHORE(, sem_timedwait, (sem_t * semaphore, const timespec* until), (semaphore, until),
                patience_until(until))
WEAVE_SEMAPHORE(, sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* until),
                (semaphore, clock, until), patience_until(until))

sem_t* sem_open(const char* name, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = va_arg(list, mode_t);
    const unsigned value = va_arg(list, unsigned);
    va_end(list);
    if (active == nullptr) {
        const weave::Named* const named = weave::find_named(weave::all_named, name);
        return named != nullptr ? named->semaphore : WEAVE_REAL(sem_open)(name, flags, mode, value);
    }
    weave::LibraryCall(__builtin_return_address(0)).reads_text(name);
    return weave::open_named(*active, name, flags, value, WEAVE_PC);
}

// The memory stays until the end of the execution.
int sem_close(sem_t* semaphore) noexcept {
    return weave::is_named(semaphore) ? 0 : WEAVE_REAL(sem_close)(semaphore);
}

int sem_unlink(const char* name) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sem_unlink)(name);
    }
    weave::Named* const named = weave::find_named(weave::all_named, name);
    if (named == nullptr || weave::all_named.execution != active->number()) {
        errno = ENOENT;
        return -1;
    }
    named->is_unlinked = true;
    return 0;
}
}
