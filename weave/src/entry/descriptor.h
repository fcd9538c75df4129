// Pipes, sockets and the like, of which the program has both ends: a call that would block in the
// system waits as on a lock instead.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cerrno>

#include "entry/lock.h"

namespace weave {

/// What the model knows of an open file whose other end the system does not have. All copies of a
/// descriptor share one.
struct OpenFile {
    enum class Kind : uint8_t { socket, timer, signals };
    Kind kind;
    unsigned descriptors = 0;  ///< how many name it
    /// Called when the last of them is closed; may be null.
    void (*end)(Execution& execution, OpenFile& file, uint32_t pc) = nullptr;
};

/// True if the other end of a descriptor is the program's.
bool is_ours(int descriptor);
/// Makes the other end of a descriptor the program's. `first` names the channel: it is the number
/// of the first descriptor of the same pipe or connection.
void set_channel(int descriptor, int first);
/// The same for all descriptors that name a file.
void set_channel_of_all(const OpenFile& file, int first);
/// The file behind a descriptor, or null.
OpenFile* open_file(int descriptor);
void attach_file(int descriptor, OpenFile& file);
/// A descriptor that names a file.
int descriptor_of(const OpenFile& file);
/// Notes a new descriptor whose other ends are the program's. Returns it.
int note_new(int descriptor);

/// Waits until a descriptor can be read from (POLLIN) or written to (POLLOUT), but no longer than
/// its options SO_RCVTIMEO and SO_SNDTIMEO allow. Returns false if that time is up, and at once if
/// the other end is not the program's, or if the descriptor does not block.
bool wait_for_descriptor(Execution& execution, int descriptor, short events, uint32_t pc);
/// How long calls on a descriptor wait, from now on.
Patience patience_of(const Execution& execution, int descriptor, short events);
/// Waits for any condition: calls `look`, which does not block, until it returns true. Other
/// threads may run before each call. Returns false if the time is up.
bool wait_until(Execution& execution, Patience patience, uint32_t pc, bool (*look)(void*),
                void* argument, Waiting waiting);
template <class Look>
bool wait_until(Execution& execution, Patience patience, uint32_t pc, Look look,
                Waiting waiting = Waiting::descriptor) {
    return wait_until(
        execution, patience, pc, [](void* argument) { return (*static_cast<Look*>(argument))(); },
        &look, waiting);
}
/// To be called before a look that does not wait, and after one that has seen nothing: other
/// threads may run.
void look_without_wait(Execution& execution, uint32_t pc);
void give_way(Execution& execution);
/// True if calls on the descriptor wait, as they do without O_NONBLOCK.
bool blocks(int descriptor);

/// The current thread synchronises with what was written to the descriptor.
void acquire_descriptor(Execution& execution, int descriptor, uint32_t pc);
/// What reads from the descriptor synchronises with the current thread.
void release_descriptor(Execution& execution, int descriptor, uint32_t pc);
/// Says that calls which have blocked may now succeed.
void wake_waiters(Execution& execution, uint32_t pc);
/// Says so to the epoll descriptors too: what they report happens after it.
void release_to_epolls(Execution& execution, uint32_t pc);

/// A read of some kind: waits for what `read` is to return, if it may, and synchronises with what
/// was written.
template <class Read>
ssize_t read_from(Execution& execution, int descriptor, uint32_t pc, bool may_wait, Read read) {
    if (!is_ours(descriptor)) {
        return read();
    }
    if (!may_wait || !blocks(descriptor)) {
        look_without_wait(execution, pc);
    } else if (!wait_for_descriptor(execution, descriptor, POLLIN, pc)) {
        errno = EAGAIN;
        return -1;
    }
    const ssize_t result = read();
    if (result < 0 && errno == EAGAIN) {
        give_way(execution);
        errno = EAGAIN;
    } else {
        acquire_descriptor(execution, descriptor, pc);
        wake_waiters(execution, pc);
    }
    return result;
}
/// recv(), also with MSG_WAITALL.
ssize_t receive(Execution& execution, int descriptor, void* to, size_t size, int flags,
                uint32_t pc);
/// Writes to a descriptor of the program's in parts that do not block. `flags` are those of send().
ssize_t write_to(Execution& execution, int descriptor, const void* from, size_t size, int flags,
                 uint32_t pc);
/// Raises SIGPIPE after a write that has failed because there is no reader.
void note_broken(Execution& execution, ssize_t result, int error, int flags, uint32_t pc);

/// Moves a descriptor of the runtime's to a number that the program does not expect to be free.
int take_high_descriptor(int descriptor);
/// Closes one of those. Those that an execution leaves open are closed after it.
void close_high_descriptor(int descriptor);

}  // namespace weave
