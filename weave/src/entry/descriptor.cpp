// Descriptors: defines pipe(), pipe2(), eventfd(), socketpair(), epoll_create(), dup() and the
// like, fcntl(), close(), read(), write(), readv(), writev(), send(), sendto(), recv(), recvfrom(),
// poll(), select() and epoll_wait() of the C library. socket.cpp has connections, message.cpp
// messages in parts, timer.cpp and signalfd.cpp what else a descriptor may stand for.
//
// What is written to a pipe, a connection or an eventfd happens before what is read from it. Every
// call that may let another one continue wakes all threads that wait for a descriptor; each then
// asks the system again.
#include "entry/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdarg>

#include "entry/cancel.h"
#include "entry/input.h"
#include "entry/library.h"
#include "entry/lock.h"
#include "entry/message.h"
#include "entry/process.h"
#include "entry/signal.h"
#include "entry/socket.h"
#include "entry/system.h"

namespace weave {

namespace {

constexpr int descriptors_max = 1024;
// The first number of the runtime's own descriptors.
constexpr int high_descriptor = 850;
// At most this many bytes go into a pipe at once, which has room for them if it has any (pipe(7)).
constexpr size_t part_max = 4096;

struct Descriptor {
    /// 1 and the first descriptor of its pipe or the like; 0: the other end is not the program's.
    int channel;
    OpenFile* file;
};
// Emptied by the first look of an execution.
WEAVE_KEPT Descriptor table[descriptors_max] = {};
/// A channel's object is known by the address of its element, which is 1 for an epoll descriptor.
/// On the first one all threads wait.
WEAVE_KEPT uint64_t channels[descriptors_max + 1] = {};
WEAVE_KEPT uint32_t channels_execution = 0;

bool is_in_table(int descriptor) { return 0 <= descriptor && descriptor < descriptors_max; }

Descriptor* find(int descriptor) {
    if (channels_execution != active->number()) {
        channels_execution = active->number();
        std::fill(std::begin(table), std::end(table), Descriptor{});
        std::fill(std::begin(channels), std::end(channels), 0);
    }
    return is_in_table(descriptor) ? &table[descriptor] : nullptr;
}

/// The object that all threads wait on.
SyncObject& waiting_object(Execution& execution, uint32_t pc) {
    return execution.object(&channels[0], SyncKind::semaphore, pc);
}

void release_to(Execution& execution, const uint64_t& channel, uint32_t pc) {
    SyncObject& object = execution.object(&channel, SyncKind::semaphore, pc);
    object.released = merge(execution.arena, object.released, execution.release());
}

SyncObject& channel_object(Execution& execution, int descriptor, uint32_t pc) {
    return execution.object(&channels[find(descriptor)->channel], SyncKind::semaphore, pc);
}

bool is_ready(int descriptor, short events) {
    pollfd asked{descriptor, events, 0};
    return WEAVE_REAL(poll)(&asked, 1, 0) != 0;
}

/// Lets other threads run, until one of them may have changed what `look` returns, or `until_ns` is
/// reached. Returns what `look` has returned last: it is to be 0 if it has seen nothing.
template <class Function>
int wait_and_look(Execution& execution, Patience patience, uint32_t pc, Function function,
                  Waiting waiting = Waiting::descriptor) {
    execution.choice_point(OperationKind::wait, waiting_object(execution, pc).address);
    Look look([](void* argument) { return (*static_cast<Function*>(argument))(); }, &function);
    for (;;) {
        test_cancel(execution);
        const int seen = look.see(execution);
        if (seen == 0 && patience.is_none()) {
            give_way(execution);
        }
        if (seen != 0 || patience.is_none()) {
            return seen;
        }
        look.begin_wait(execution);
        if (!wait_again(execution, waiting_object(execution, pc), waiting, patience, pc, nullptr)) {
            return look.see(execution);
        }
    }
}

Patience patience_of_ms(const Execution& execution, int timeout_ms) {
    constexpr uint64_t ns_per_ms = 1'000'000;
    return timeout_ms < 0 ? endless_patience
           : timeout_ms == 0
               ? no_patience
               : Patience{Patience::Kind::limited,
                          execution.time.now_ns() + static_cast<uint64_t>(timeout_ms) * ns_per_ms};
}

/// A part of recv(), which does not wait for all bytes: receive() does.
ssize_t receive_some(Execution& execution, int descriptor, void* to, size_t size, int flags,
                     uint32_t pc, sockaddr* from = nullptr, socklen_t* from_size = nullptr) {
    return read_from(execution, descriptor, pc, (flags & MSG_DONTWAIT) == 0, [&] {
        return WEAVE_REAL(recvfrom)(descriptor, to, size, flags, from, from_size);
    });
}

/// Writes what does not block. A pipe or connection that no reader has any more gives EPIPE, but
/// not the system's signal.
ssize_t write_part(int descriptor, const void* from, size_t size, int flags) {
    const ssize_t sent = WEAVE_REAL(send)(descriptor, from, size, flags | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK) {
        return sent;
    }
    pollfd asked{descriptor, 0, 0};
    if (WEAVE_REAL(poll)(&asked, 1, 0) != 0 && (asked.revents & POLLERR) != 0) {
        errno = EPIPE;
        return -1;
    }
    return WEAVE_REAL(write)(descriptor, from, size);
}

bool any_is_ours(const pollfd* files, nfds_t count) {
    return std::any_of(files, files + count, [](const pollfd& file) { return is_ours(file.fd); });
}

/// poll(): without a descriptor of the program's, a wait is a sleep unless it has to do with
/// others.
int poll_files(Execution& execution, pollfd* files, nfds_t count, int timeout_ms, uint32_t pc) {
    const LibraryCall call(__builtin_return_address(0));
    call.reads(files, count * sizeof *files);
    if (count != 0 && !any_is_ours(files, count)) {
        return WEAVE_REAL(poll)(files, count, timeout_ms);
    }
    const int result = wait_and_look(execution, patience_of_ms(execution, timeout_ms), pc,
                                     [&] { return WEAVE_REAL(poll)(files, count, 0); });
    for (nfds_t i = 0; i < count; ++i) {
        if (files[i].revents != 0 && is_ours(files[i].fd)) {
            acquire_descriptor(execution, files[i].fd, pc);
        }
    }
    return result;
}

// ----- what executions leave open ----------------------------------------------------------------

WEAVE_KEPT int copies[3] = {-1, -1, -1};  ///< of the standard streams
WEAVE_KEPT bool is_open_at_start[descriptors_max] = {};
WEAVE_KEPT bool has_changed_low = false;  ///< a descriptor from before the first execution

/// The runtime's own that belong to an execution.
WEAVE_KEPT bool is_high_open[descriptors_max] = {};

WEAVE_KEPT int lowest_free = -1;  ///< before the first execution; negative: not known
// A new descriptor gets the lowest free number. So an execution that has left that number free, but
// a descriptor from this one on open, must have had all below open at once. That is not looked for.
constexpr int few_descriptors = 64;

int lowest_free_now() {
    const int probe = WEAVE_REAL(dup)(copies[0]);
    if (probe >= 0) {
        WEAVE_REAL(close)(probe);
    }
    return probe;
}

/// Closes the descriptors from `first` up to the one before `end`.
void close_all(int first, int end) {
    if (first < end &&
        close_range(static_cast<unsigned>(first), static_cast<unsigned>(end - 1), 0) != 0) {
        for (int i = first; i < end; ++i) {
            WEAVE_REAL(close)(i);
        }
    }
}

void note_closed(int descriptor) {
    has_changed_low |= is_in_table(descriptor) && is_open_at_start[descriptor];
}

}  // namespace

bool is_ours(int descriptor) {
    const Descriptor* const entry = find(descriptor);
    return entry != nullptr && entry->channel != 0;
}

void set_channel(int descriptor, int first) {
    if (Descriptor* const entry = find(descriptor); entry != nullptr) {
        entry->channel = first + 1;
    }
}

void set_channel_of_all(const OpenFile& file, int first) {
    find(0);
    for (Descriptor& entry : table) {
        if (entry.file == &file) {
            entry.channel = first + 1;
        }
    }
}

OpenFile* open_file(int descriptor) {
    const Descriptor* const entry = find(descriptor);
    return entry == nullptr ? nullptr : entry->file;
}

void attach_file(int descriptor, OpenFile& file) {
    if (Descriptor* const entry = find(descriptor); entry != nullptr) {
        entry->file = &file;
        ++file.descriptors;
    }
}

int descriptor_of(const OpenFile& file) {
    const auto* const found =
        std::find_if(std::begin(table), std::end(table),
                     [&](const Descriptor& entry) { return entry.file == &file; });
    return found == std::end(table) ? -1 : static_cast<int>(found - table);
}

int note_new(int descriptor) {
    if (active != nullptr && descriptor >= 0) {
        set_channel(descriptor, descriptor);
    }
    return descriptor;
}

ssize_t receive(Execution& execution, int descriptor, void* to, size_t size, int flags,
                uint32_t pc) {
    const bool wants_all =
        (flags & MSG_WAITALL) != 0 && is_ours(descriptor) && !keeps_messages(descriptor);
    const int flags_of_part = wants_all ? flags & ~MSG_WAITALL : flags;
    size_t done = 0;
    do {
        const ssize_t result = receive_some(execution, descriptor, static_cast<char*>(to) + done,
                                            size - done, flags_of_part, pc);
        if (result <= 0) {
            return done == 0 ? result : static_cast<ssize_t>(done);
        }
        done += static_cast<size_t>(result);
    } while (wants_all && done < size);
    return static_cast<ssize_t>(done);
}

ssize_t write_to(Execution& execution, int descriptor, const void* from, size_t size, int flags,
                 uint32_t pc) {
    execution.choice_point(OperationKind::other, waiting_object(execution, pc).address);
    const bool may_wait = (flags & MSG_DONTWAIT) == 0 && blocks(descriptor);
    const bool is_whole = !may_wait || size <= part_max;
    size_t done = 0;
    do {
        if (may_wait && !wait_for_descriptor(execution, descriptor, POLLOUT, pc)) {
            errno = EAGAIN;
            return done == 0 ? -1 : static_cast<ssize_t>(done);
        }
        release_descriptor(execution, descriptor, pc);
        const size_t part = is_whole ? size : std::min(size - done, part_max);
        const ssize_t result =
            write_part(descriptor, static_cast<const char*>(from) + done, part, flags);
        const int error = errno;
        wake_waiters(execution, pc);
        release_to_epolls(execution, pc);
        if (result < 0) {
            note_broken(execution, result, error, flags, pc);
            errno = error;
            return done == 0 ? result : static_cast<ssize_t>(done);
        }
        done += static_cast<size_t>(result);
    } while (!is_whole && done < size);
    return static_cast<ssize_t>(done);
}

void note_broken(Execution& execution, ssize_t result, int error, int flags, uint32_t pc) {
    if (result < 0 && error == EPIPE && (flags & MSG_NOSIGNAL) == 0) {
        raise_broken_pipe(execution, pc);
    }
}

bool blocks(int descriptor) {
    const int error = errno;
    const int flags = WEAVE_REAL(fcntl)(descriptor, F_GETFL);
    errno = error;
    return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

void wake_waiters(Execution& execution, uint32_t pc) {
    execution.side_effect();
    execution.wake_all(waiting_object(execution, pc).waiters);
}

void release_descriptor(Execution& execution, int descriptor, uint32_t pc) {
    release_to(execution, channels[find(descriptor)->channel], pc);
}

void release_to_epolls(Execution& execution, uint32_t pc) {
    find(0);
    for (int i = 0; i < high_descriptor; ++i) {
        if (channels[i + 1] != 0) {
            release_to(execution, channels[i + 1], pc);
        }
    }
}

int take_high_descriptor(int descriptor) {
    const int high = WEAVE_REAL(fcntl)(descriptor, F_DUPFD_CLOEXEC, high_descriptor);
    if (high < 0) {
        die("a descriptor cannot be copied");
    }
    WEAVE_REAL(close)(descriptor);
    if (active != nullptr && is_in_table(high)) {
        is_high_open[high] = true;
    }
    return high;
}

void close_high_descriptor(int descriptor) {
    WEAVE_REAL(close)(descriptor);
    if (is_in_table(descriptor)) {
        is_high_open[descriptor] = false;
    }
}

void keep_descriptors() {
    for (int i = 0; i < 3; ++i) {
        copies[i] = WEAVE_REAL(fcntl)(i, F_DUPFD_CLOEXEC, high_descriptor);
    }
    for (int i = 0; i < high_descriptor; ++i) {
        is_open_at_start[i] = WEAVE_REAL(fcntl)(i, F_GETFD) >= 0;
    }
    lowest_free = lowest_free_now();
}

void restore_descriptors() {
    if (has_changed_low) {
        has_changed_low = false;
        // Standard output and standard error may be hidden: Output puts them back.
        if (copies[0] >= 0) {
            WEAVE_REAL(dup2)(copies[0], 0);
        }
    }
    const bool has_few =
        lowest_free >= 0 && WEAVE_REAL(fcntl)(lowest_free, F_GETFD) < 0 && errno == EBADF;
    const int end = has_few ? few_descriptors : high_descriptor;
    int first = 0;
    for (int i = 0; i < end; ++i) {
        if (is_open_at_start[i]) {
            close_all(first, i);
            first = i + 1;
        }
    }
    close_all(first, end);
    for (int i = high_descriptor; i < descriptors_max; ++i) {
        if (is_high_open[i]) {
            close_high_descriptor(i);
        }
    }
}

Patience patience_of(const Execution& execution, int descriptor, short events) {
    timeval limit{};
    socklen_t size = sizeof limit;
    const int error = errno;
    const int option = events == POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO;
    const bool is_socket = getsockopt(descriptor, SOL_SOCKET, option, &limit, &size) == 0;
    errno = error;
    const auto limit_ns = static_cast<uint64_t>(limit.tv_sec) * ns_per_second +
                          static_cast<uint64_t>(limit.tv_usec) * 1000;
    return is_socket && limit_ns != 0
               ? Patience{Patience::Kind::limited, execution.time.now_ns() + limit_ns}
               : endless_patience;
}

bool wait_for_descriptor(Execution& execution, int descriptor, short events, uint32_t pc) {
    return !is_ours(descriptor) || !blocks(descriptor) ||
           wait_and_look(execution, patience_of(execution, descriptor, events), pc,
                         [&] { return is_ready(descriptor, events) ? 1 : 0; }) != 0;
}

bool wait_until(Execution& execution, Patience patience, uint32_t pc, bool (*look)(void*),
                void* argument, Waiting waiting) {
    const auto look_now = [&] { return look(argument) ? 1 : 0; };
    return wait_and_look(execution, patience, pc, look_now, waiting) != 0;
}

void look_without_wait(Execution& execution, uint32_t pc) {
    execution.choice_point(OperationKind::other, waiting_object(execution, pc).address);
}

void give_way(Execution& execution) { execution.choice_point(OperationKind::yield, 0); }

void acquire_descriptor(Execution& execution, int descriptor, uint32_t pc) {
    execution.acquire(channel_object(execution, descriptor, pc).released);
}

namespace {

int note_pair(int result, int* descriptors, const void* return_address) {
    if (active != nullptr && result == 0) {
        LibraryCall(return_address).writes(descriptors, 2 * sizeof *descriptors);
        set_channel(descriptors[0], descriptors[0]);
        set_channel(descriptors[1], descriptors[0]);
    }
    return result;
}

/// Takes the file from behind a descriptor.
void detach_file(Execution& execution, Descriptor& entry, uint32_t pc) {
    OpenFile* const file = entry.file;
    entry.file = nullptr;
    if (file != nullptr && --file->descriptors == 0 && file->end != nullptr) {
        file->end(execution, *file, pc);
    }
}

int note_copy(int descriptor, int copy, const void* return_address) {
    if (active != nullptr && copy >= 0 && copy != descriptor && is_in_table(copy) &&
        is_in_table(descriptor)) {
        Descriptor& entry = *find(copy);
        detach_file(*active, entry, pc_of(return_address));
        entry.channel = find(descriptor)->channel;
        if (OpenFile* const file = find(descriptor)->file; file != nullptr) {
            attach_file(copy, *file);
        }
        note_closed(copy);
    }
    return copy;
}

/// Does any descriptor stand for the channel that was named by `first`?
bool is_channel_in_use(int first) {
    return std::any_of(std::begin(table), std::end(table),
                       [first](const Descriptor& entry) { return entry.channel == first + 1; });
}

int select_files(Execution& execution, int count, fd_set* in, fd_set* out, fd_set* special,
                 const timeval* timeout, uint32_t pc) {
    const Patience patience =
        timeout == nullptr
            ? endless_patience
            : patience_of_ms(execution,
                             static_cast<int>(timeout->tv_sec * 1000 + timeout->tv_usec / 1000));
    fd_set kept[3];
    fd_set* const sets[] = {in, out, special};
    for (int i = 0; i < 3; ++i) {
        kept[i] = sets[i] == nullptr ? fd_set{} : *sets[i];
    }
    return wait_and_look(execution, patience, pc, [&] {
        for (int i = 0; i < 3; ++i) {
            if (sets[i] != nullptr) {
                *sets[i] = kept[i];
            }
        }
        timeval none{};
        return WEAVE_REAL(select)(count, in, out, special, &none);
    });
}

bool any_in_set_is_ours(int count, const fd_set* set) {
    for (int i = 0; set != nullptr && i < count; ++i) {
        if (FD_ISSET(i, set) && is_ours(i)) {
            return true;
        }
    }
    return false;
}

int wait_for_events(Execution& execution, int epoll, epoll_event* events, int max, int timeout_ms,
                    uint32_t pc) {
    const int result = wait_and_look(execution, patience_of_ms(execution, timeout_ms), pc,
                                     [&] { return WEAVE_REAL(epoll_wait)(epoll, events, max, 0); });
    acquire_descriptor(execution, epoll, pc);
    return result;
}

/// A call that receives into one buffer.
ssize_t receive_for(const void* return_address, int descriptor, void* to, size_t size, int flags,
                    sockaddr* from, socklen_t* from_size) {
    if (!is_program_call(return_address)) {
        return WEAVE_REAL(recvfrom)(descriptor, to, size, flags, from, from_size);
    }
    const LibraryCall call(return_address);
    const uint32_t pc = pc_of(return_address);
    if (datagram_socket_of(descriptor) != nullptr) {
        const iovec part{to, size};
        msghdr message = message_of(&part, 1);
        message.msg_name = from;
        message.msg_namelen = from == nullptr ? 0 : *from_size;
        const ssize_t result = receive_message(return_address, descriptor, message, flags);
        if (result >= 0 && from != nullptr) {
            *from_size = message.msg_namelen;
            call.writes(from_size, sizeof *from_size);
        }
        return result;
    }
    const ssize_t result =
        from == nullptr ? receive(*active, descriptor, to, size, flags, pc)
                        : receive_some(*active, descriptor, to, size, flags, pc, from, from_size);
    if (result > 0) {
        // With MSG_TRUNC the result is the size of what was sent.
        call.writes(to, std::min(size, static_cast<size_t>(result)));
    }
    return result;
}

/// A call that sends one buffer, to a socket of the program's that keeps messages.
ssize_t send_one_part(const void* return_address, int descriptor, const void* from, size_t size,
                      int flags, const sockaddr* to = nullptr, socklen_t to_size = 0) {
    const iovec part{const_cast<void*>(from), size};
    msghdr message = message_of(&part, 1);
    message.msg_name = const_cast<sockaddr*>(to);
    message.msg_namelen = to_size;
    return send_message(return_address, descriptor, message, flags);
}

/// Is a send to be made by send_one_part()? Other sends are small enough for one step, or may be
/// divided.
bool is_message(int descriptor, size_t size) {
    return datagram_socket_of(descriptor) != nullptr ||
           (size > part_max && keeps_messages(descriptor));
}

/// Is this a write to a descriptor of the program's? Notes what it reads in any case.
bool is_write_modelled(const void* return_address, int descriptor, const void* from, size_t size) {
    if (!is_program_call(return_address)) {
        return false;
    }
    LibraryCall(return_address).reads_bytes(from, size);
    return is_ours(descriptor);
}

ssize_t send_as_is(const void* return_address, int descriptor, const void* from, size_t size,
                   int flags) {
    return is_message(descriptor, size)
               ? send_one_part(return_address, descriptor, from, size, flags)
               : write_to(*active, descriptor, from, size, flags, pc_of(return_address));
}

ssize_t write_for(const void* return_address, int descriptor, const void* from, size_t size) {
    return is_write_modelled(return_address, descriptor, from, size)
               ? send_as_is(return_address, descriptor, from, size, 0)
               : WEAVE_REAL(write)(descriptor, from, size);
}

ssize_t send_for(const void* return_address, int descriptor, const void* from, size_t size,
                 int flags) {
    return is_write_modelled(return_address, descriptor, from, size)
               ? send_as_is(return_address, descriptor, from, size, flags)
               : WEAVE_REAL(send)(descriptor, from, size, flags);
}

}  // namespace

}  // namespace weave

#define WEAVE_CALLER __builtin_return_address(0)
/// True if the call is to be modelled: it comes from the program, in an execution.
#define WEAVE_IS_PROGRAM weave::is_program_call(WEAVE_CALLER)

extern "C" {

using weave::active;
using weave::LibraryCall;

int pipe(int descriptors[2]) noexcept {
    return weave::note_pair(WEAVE_REAL(pipe)(descriptors), descriptors, WEAVE_CALLER);
}

int pipe2(int descriptors[2], int flags) noexcept {
    return weave::note_pair(WEAVE_REAL(pipe2)(descriptors, flags), descriptors, WEAVE_CALLER);
}

int socketpair(int domain, int type, int protocol, int descriptors[2]) noexcept {
    return weave::note_pair(WEAVE_REAL(socketpair)(domain, type, protocol, descriptors),
                            descriptors, WEAVE_CALLER);
}

int eventfd(unsigned count, int flags) noexcept {
    return weave::note_new(WEAVE_REAL(eventfd)(count, flags));
}

int epoll_create(int size) noexcept { return epoll_create1(size > 0 ? 0 : -1); }

int epoll_create1(int flags) noexcept {
    const int epoll = weave::note_new(WEAVE_REAL(epoll_create1)(flags));
    if (active != nullptr && weave::is_in_table(epoll)) {
        weave::channels[epoll + 1] = 1;
    }
    return epoll;
}

int dup(int descriptor) noexcept {
    return weave::note_copy(descriptor, WEAVE_REAL(dup)(descriptor), WEAVE_CALLER);
}

int dup2(int descriptor, int copy) noexcept {
    return weave::note_copy(descriptor, WEAVE_REAL(dup2)(descriptor, copy), WEAVE_CALLER);
}

int dup3(int descriptor, int copy, int flags) noexcept {
    return weave::note_copy(descriptor, WEAVE_REAL(dup3)(descriptor, copy, flags), WEAVE_CALLER);
}

int fcntl(int descriptor, int command, ...) {
    va_list list;
    va_start(list, command);
    void* const argument = va_arg(list, void*);
    va_end(list);
    const int result = WEAVE_REAL(fcntl)(descriptor, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC
               ? weave::note_copy(descriptor, result, WEAVE_CALLER)
               : result;
}

int fcntl64(int descriptor, int command, ...) __attribute__((alias("fcntl")));

int close(int descriptor) {
    if (!WEAVE_IS_PROGRAM) {
        return WEAVE_REAL(close)(descriptor);
    }
    const bool is_ours = weave::is_ours(descriptor);
    if (is_ours) {
        active->choice_point(weave::OperationKind::other, 0);
        weave::release_descriptor(*active, descriptor, WEAVE_PC);
        weave::set_channel(descriptor, -1);
        if (!weave::is_channel_in_use(descriptor)) {
            weave::channels[descriptor + 1] = 0;
        }
    }
    if (weave::is_in_table(descriptor)) {
        weave::detach_file(*active, *weave::find(descriptor), WEAVE_PC);
    }
    weave::note_closed(descriptor);
    const int result = WEAVE_REAL(close)(descriptor);
    if (is_ours) {
        weave::wake_waiters(*active, WEAVE_PC);
        weave::release_to_epolls(*active, WEAVE_PC);
    }
    return result;
}

ssize_t read(int descriptor, void* to, size_t size) {
    if (!WEAVE_IS_PROGRAM) {
        return WEAVE_REAL(read)(descriptor, to, size);
    }
    weave::use_input(descriptor);
    const weave::OpenFile* const file = weave::open_file(descriptor);
    if (weave::datagram_socket_of(descriptor) != nullptr) {
        return weave::receive_for(WEAVE_CALLER, descriptor, to, size, 0, nullptr, nullptr);
    }
    const ssize_t result = weave::read_from(*active, descriptor, WEAVE_PC, true, [&] {
        return file != nullptr && file->kind == weave::OpenFile::Kind::signals
                   ? weave::read_signals(*active, descriptor, to, size)
                   : WEAVE_REAL(read)(descriptor, to, size);
    });
    if (result > 0) {
        LibraryCall(WEAVE_CALLER).writes(to, static_cast<size_t>(result));
    }
    return result;
}

ssize_t recv(int descriptor, void* to, size_t size, int flags) {
    return weave::receive_for(WEAVE_CALLER, descriptor, to, size, flags, nullptr, nullptr);
}

ssize_t recvfrom(int descriptor, void* to, size_t size, int flags, sockaddr* from,
                 socklen_t* from_size) {
    return weave::receive_for(WEAVE_CALLER, descriptor, to, size, flags, from, from_size);
}

ssize_t write(int descriptor, const void* from, size_t size) {
    return weave::write_for(WEAVE_CALLER, descriptor, from, size);
}

ssize_t send(int descriptor, const void* from, size_t size, int flags) {
    return weave::send_for(WEAVE_CALLER, descriptor, from, size, flags);
}

ssize_t sendto(int descriptor, const void* from, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
    if (to == nullptr) {
        return weave::send_for(WEAVE_CALLER, descriptor, from, size, flags);
    }
    if (WEAVE_IS_PROGRAM) {
        LibraryCall(WEAVE_CALLER).reads(to, to_size);
        if (weave::is_ours(descriptor)) {
            return weave::send_one_part(WEAVE_CALLER, descriptor, from, size, flags, to, to_size);
        }
        LibraryCall(WEAVE_CALLER).reads_bytes(from, size);
    }
    return WEAVE_REAL(sendto)(descriptor, from, size, flags, to, to_size);
}

ssize_t readv(int descriptor, const iovec* parts, int count) {
    if (!WEAVE_IS_PROGRAM) {
        return WEAVE_REAL(readv)(descriptor, parts, count);
    }
    weave::use_input(descriptor);
    if (weave::datagram_socket_of(descriptor) != nullptr) {
        msghdr message = weave::message_of(parts, static_cast<size_t>(count));
        return weave::receive_message(WEAVE_CALLER, descriptor, message, 0);
    }
    const ssize_t result = weave::read_from(*active, descriptor, WEAVE_PC, true, [&] {
        return WEAVE_REAL(readv)(descriptor, parts, count);
    });
    auto left = static_cast<size_t>(result < 0 ? 0 : result);
    for (int i = 0; i < count && left != 0; ++i) {
        const size_t part = std::min(left, parts[i].iov_len);
        LibraryCall(WEAVE_CALLER).writes(parts[i].iov_base, part);
        left -= part;
    }
    return result;
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
    if (!WEAVE_IS_PROGRAM) {
        return WEAVE_REAL(writev)(descriptor, parts, count);
    }
    if (weave::is_ours(descriptor) && weave::keeps_messages(descriptor)) {
        return weave::send_message(WEAVE_CALLER, descriptor,
                                   weave::message_of(parts, static_cast<size_t>(count)), 0);
    }
    ssize_t done = 0;
    for (int i = 0; i < count; ++i) {
        const ssize_t result =
            weave::write_for(WEAVE_CALLER, descriptor, parts[i].iov_base, parts[i].iov_len);
        if (result < 0) {
            return done == 0 ? result : done;
        }
        done += result;
    }
    return done;
}

int poll(pollfd* files, nfds_t count, int timeout) {
    return WEAVE_IS_PROGRAM ? weave::poll_files(*active, files, count, timeout, WEAVE_PC)
                            : WEAVE_REAL(poll)(files, count, timeout);
}

int select(int count, fd_set* in, fd_set* out, fd_set* special, timeval* timeout) {
    const bool is_modelled =
        WEAVE_IS_PROGRAM && (count == 0 || weave::any_in_set_is_ours(count, in) ||
                             weave::any_in_set_is_ours(count, out));
    return is_modelled ? weave::select_files(*active, count, in, out, special, timeout, WEAVE_PC)
                       : WEAVE_REAL(select)(count, in, out, special, timeout);
}

int epoll_wait(int epoll, epoll_event* events, int max, int timeout) {
    if (!WEAVE_IS_PROGRAM || !weave::is_ours(epoll)) {
        return WEAVE_REAL(epoll_wait)(epoll, events, max, timeout);
    }
    const int result = weave::wait_for_events(*active, epoll, events, max, timeout, WEAVE_PC);
    if (result > 0) {
        LibraryCall(WEAVE_CALLER).writes(events, static_cast<size_t>(result) * sizeof *events);
    }
    return result;
}
}
