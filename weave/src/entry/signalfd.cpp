// Signals from descriptors: defines signalfd() of the C library.
//
// The signals are those of the execution, so the system's signalfd would not see them. An eventfd
// takes its place, which can be read from while a signal of the mask is pending for the thread that
// asks; what is read comes from signal.cpp.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "entry/descriptor.h"
#include "entry/library.h"
#include "entry/signal.h"

namespace weave {

namespace {

struct SignalFile : OpenFile {
    uint64_t mask;
    SignalFile* next;
};

/// All of an execution.
struct SignalFiles {
    uint32_t execution;
    SignalFile* first;
};
SignalFiles files{};

SignalFile* first_file(Execution& execution) {
    return files.execution == execution.number() ? files.first : nullptr;
}

SignalFile* signal_file(int descriptor) {
    OpenFile* const file = open_file(descriptor);
    return file != nullptr && file->kind == OpenFile::Kind::signals ? static_cast<SignalFile*>(file)
                                                                    : nullptr;
}

uint64_t to_bits(const sigset_t& set) {
    uint64_t bits;
    std::memcpy(&bits, &set, sizeof bits);
    return bits;
}

bool is_shown(int descriptor) {
    pollfd asked{descriptor, POLLIN, 0};
    return WEAVE_REAL(poll)(&asked, 1, 0) == 1;
}

void show(int descriptor, bool is_pending) {
    eventfd_t count = 1;
    if (descriptor < 0 || is_shown(descriptor) == is_pending) {
        return;
    }
    if (is_pending) {
        WEAVE_REAL(write)(descriptor, &count, sizeof count);
    } else {
        WEAVE_REAL(read)(descriptor, &count, sizeof count);
    }
}

int add_signal_file(Execution& execution, uint64_t mask, int flags) {
    static_assert(int{SFD_NONBLOCK} == EFD_NONBLOCK && int{SFD_CLOEXEC} == EFD_CLOEXEC);
    const int descriptor = WEAVE_REAL(eventfd)(0, flags);
    if (descriptor >= 0) {
        auto* const file = execution.arena.make<SignalFile>();
        file->kind = OpenFile::Kind::signals;
        file->mask = mask;
        file->next = first_file(execution);
        files = {execution.number(), file};
        attach_file(note_new(descriptor), *file);
    }
    return descriptor;
}

signalfd_siginfo info_of(int signal, sigval value) {
    signalfd_siginfo info{};
    info.ssi_signo = static_cast<uint32_t>(signal);
    info.ssi_code = SI_QUEUE;
    info.ssi_pid = static_cast<uint32_t>(getpid());
    info.ssi_int = value.sival_int;
    info.ssi_ptr = reinterpret_cast<uintptr_t>(value.sival_ptr);
    return info;
}

}  // namespace

void show_signals(Execution& execution) {
    for (const SignalFile* file = first_file(execution); file != nullptr; file = file->next) {
        show(descriptor_of(*file), (pending_signals(execution) & file->mask) != 0);
    }
}

void note_pending_signal(Execution& execution, uint32_t pc) {
    if (first_file(execution) != nullptr) {
        release_to_epolls(execution, pc);
        wake_waiters(execution, pc);
    }
}

ssize_t read_signals(Execution& execution, int descriptor, void* to, size_t size) {
    const SignalFile* const file = signal_file(descriptor);
    WEAVE_CHECK(file != nullptr, descriptor);
    if (size < sizeof(signalfd_siginfo)) {
        errno = EINVAL;
        return -1;
    }
    size_t done = 0;
    sigval value{};
    while (size - done >= sizeof(signalfd_siginfo)) {
        const int signal = take_signal(execution, file->mask, value);
        if (signal == 0) {
            break;
        }
        const signalfd_siginfo info = info_of(signal, value);
        std::memcpy(static_cast<char*>(to) + done, &info, sizeof info);
        done += sizeof info;
    }
    if (done == 0) {
        errno = EAGAIN;
        return -1;
    }
    return static_cast<ssize_t>(done);
}

}  // namespace weave

extern "C" {

using weave::active;

int signalfd(int descriptor, const sigset_t* mask, int flags) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(signalfd)(descriptor, mask, flags);
    }
    weave::LibraryCall(__builtin_return_address(0)).reads(mask, sizeof *mask);
    if (descriptor < 0) {
        return weave::add_signal_file(*active, weave::to_bits(*mask), flags);
    }
    weave::SignalFile* const file = weave::signal_file(descriptor);
    if (file == nullptr) {
        errno = EINVAL;
        return -1;
    }
    file->mask = weave::to_bits(*mask);
    return descriptor;
}
}
