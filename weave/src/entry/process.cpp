// Other processes: defines fork(), vfork(), posix_spawn(), posix_spawnp(), system(), wait(),
// waitpid() and wait4() of the C library.
//
// The child of a fork() is an ordinary process. What it does takes the system's time, which no
// schedule repeats. So a thread that waits for the end of a child gets it when no other thread can
// run, and one that waits for a descriptor which a child writes to waits in the system then.
#include "entry/process.h"

#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "entry/cancel.h"
#include "entry/descriptor.h"
#include "entry/library.h"
#include "entry/lock.h"
#include "entry/signal.h"
#include "entry/system.h"

namespace weave {

namespace {

/// The processes that fork() has started in an execution, as far as there is room.
struct Children {
    static constexpr unsigned count_max = 64;
    uint32_t execution;
    unsigned count;
    pid_t processes[count_max];
};
Children children{};
/// What the waiting threads look for, by their numbers.
// A thread has one while it looks whether its wait is over.
WEAVE_KEPT Look* looks[threads_max] = {};
/// Threads that wait for a process wait on this.
char ended_child;

void note_child(Execution& execution, pid_t child) {
    if (children.execution != execution.number()) {
        children = {};
        children.execution = execution.number();
    }
    if (children.count < Children::count_max) {
        children.processes[children.count++] = child;
    }
}

bool any_child_runs() {
    for (unsigned i = 0; i < children.count; ++i) {
        siginfo_t ended{};
        if (waitid(P_PID, static_cast<id_t>(children.processes[i]), &ended,
                   WEXITED | WNOHANG | WNOWAIT) == 0 &&
            ended.si_pid == 0) {
            return true;
        }
    }
    return false;
}

/// Wakes the first thread that sees what it looks for.
bool wake_one_that_sees(Execution& execution) {
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        if (is_looking(execution.threads[i].waiting) && looks[i]->see(execution) != 0) {
            execution.wake(i);
            return true;
        }
    }
    return false;
}

bool any_looks(Execution& execution) {
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        if (is_looking(execution.threads[i].waiting)) {
            return true;
        }
    }
    return false;
}

/// True if a wait for the child, or for any with -1, may be one for a process that is known here.
bool is_known(pid_t child) {
    return children.count != 0 &&
           (child <= 0 ||
            std::count(children.processes, children.processes + children.count, child) != 0);
}

pid_t wait_for_child(Execution& execution, pid_t child, int* status, int options, rusage* usage,
                     const void* return_address) {
    const uint32_t pc = pc_of(return_address);
    auto* const real = WEAVE_REAL(wait4);
    pid_t result = 0;
    int error = 0;
    int status_seen = 0;
    auto ask = [&](int more) {
        result = real(child, &status_seen, options | more, usage);
        error = errno;
        return result != 0;
    };
    SyncObject& object = execution.object(&ended_child, SyncKind::semaphore, pc);
    execution.choice_point(OperationKind::wait, object.address);
    if ((options & WNOHANG) != 0 || !is_known(child)) {
        ask(0);
    } else {
        auto see = [&] { return ask(WNOHANG) ? 1 : 0; };
        Look look([](void* argument) { return (*static_cast<decltype(see)*>(argument))(); }, &see);
        while (result == 0) {
            test_cancel(execution);
            look.begin_wait(execution);
            wait_again(execution, object, Waiting::process, endless_patience, pc, nullptr);
        }
    }
    if (status != nullptr && result > 0) {
        *status = status_seen;
        LibraryCall(return_address).writes(status, sizeof *status);
    }
    if (usage != nullptr && result > 0) {
        LibraryCall(return_address).writes(usage, sizeof *usage);
    }
    errno = error;
    return result;
}

void read_texts(const LibraryCall& call, char* const* texts) {
    for (; texts != nullptr; ++texts) {
        call.reads(texts, sizeof *texts);
        if (*texts == nullptr) {
            break;
        }
        call.reads_text(*texts);
    }
}

using Spawn = int(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                  char* const*, char* const*);

/// posix_spawn() or posix_spawnp(): `real` is the system's.
int spawn(Spawn* real, const void* return_address, pid_t* child, const char* path,
          const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes,
          char* const* arguments, char* const* environment) {
    if (!is_program_call(return_address)) {
        return real(child, path, actions, attributes, arguments, environment);
    }
    const LibraryCall call(return_address);
    call.reads_text(path);
    read_texts(call, arguments);
    read_texts(call, environment);
    pid_t started = 0;
    const int error = real(&started, path, actions, attributes, arguments, environment);
    if (error == 0) {
        note_child(*active, started);
        if (child != nullptr) {
            *child = started;
            call.writes(child, sizeof *child);
        }
    }
    return error;
}

/// system(): the shell is a process that the current thread waits for, and others need not.
int run_shell(const char* command, const void* return_address) {
    const LibraryCall call(return_address);
    call.reads_text(command);
    char name[] = "sh";
    char option[] = "-c";
    char* const arguments[] = {name, option, const_cast<char*>(command), nullptr};
    pid_t child = 0;
    if (WEAVE_REAL(posix_spawn)(&child, "/bin/sh", nullptr, nullptr, arguments, environ) != 0) {
        constexpr int no_shell = 127;
        return W_EXITCODE(no_shell, 0);
    }
    note_child(*active, child);
    int status = 0;
    return wait_for_child(*active, child, &status, 0, nullptr, return_address) < 0 ? -1 : status;
}

}  // namespace

int Look::see(Execution& execution) {
    if (seen_ == 0) {
        show_signals(execution);
        seen_ = function_(argument_);
    }
    return seen_;
}

void Look::begin_wait(Execution& execution) { looks[execution.current().id] = this; }

bool waits_for_shared_memory(Execution& execution) {
    if (children.count == 0 || children.execution != execution.number()) {
        return false;
    }
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        if (thread.waiting != Waiting::nothing && thread.waits_for != nullptr &&
            !is_looking(thread.waiting) && is_in_shared_mapping(thread.waits_for->address)) {
            return true;
        }
    }
    return false;
}

bool process_wakes_thread(Execution& execution, bool is_last_hope) {
    if (children.count == 0 || children.execution != execution.number() || !any_looks(execution)) {
        return false;
    }
    constexpr unsigned rounds_max = 1000;
    for (unsigned round = 0; is_last_hope || round < rounds_max; ++round) {
        // What a child has done before its end is there to be seen after it.
        const bool is_over = !any_child_runs();
        if (wake_one_that_sees(execution)) {
            return true;
        }
        if (is_over) {
            return false;
        }
        WEAVE_REAL(poll)(nullptr, 0, 1);
    }
    return false;
}

}  // namespace weave

extern "C" {

using weave::active;

// The child of a fork() has one thread, as POSIX has it, and is no longer part of the execution:
// until exec() or _exit() it is an ordinary process.
pid_t fork() noexcept {
    weave::Execution* const execution = active;
    const pid_t child = WEAVE_REAL(fork)();
    if (execution != nullptr) {
        if (child == 0) {
            active = nullptr;
        } else if (child > 0) {
            weave::note_child(*execution, child);
        }
    }
    return child;
}

// What the child of a vfork() may do, that of a fork() may do too.
pid_t vfork() noexcept { return fork(); }

int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* arguments,
                char* const* environment) {
    return weave::spawn(WEAVE_REAL(posix_spawn), __builtin_return_address(0), child, path, actions,
                        attributes, arguments, environment);
}

int posix_spawnp(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const* arguments,
                 char* const* environment) {
    return weave::spawn(WEAVE_REAL(posix_spawnp), __builtin_return_address(0), child, path, actions,
                        attributes, arguments, environment);
}

int system(const char* command) {
    return command != nullptr && weave::is_program_call(__builtin_return_address(0))
               ? weave::run_shell(command, __builtin_return_address(0))
               : WEAVE_REAL(system)(command);
}

pid_t wait4(pid_t child, int* status, int options, rusage* usage) noexcept {
    return weave::is_program_call(__builtin_return_address(0))
               ? weave::wait_for_child(*active, child, status, options, usage,
                                       __builtin_return_address(0))
               : WEAVE_REAL(wait4)(child, status, options, usage);
}

pid_t waitpid(pid_t child, int* status, int options) {
    return weave::is_program_call(__builtin_return_address(0))
               ? weave::wait_for_child(*active, child, status, options, nullptr,
                                       __builtin_return_address(0))
               : WEAVE_REAL(waitpid)(child, status, options);
}

pid_t wait(int* status) {
    return weave::is_program_call(__builtin_return_address(0))
               ? weave::wait_for_child(*active, -1, status, 0, nullptr, __builtin_return_address(0))
               : WEAVE_REAL(wait)(status);
}
}
