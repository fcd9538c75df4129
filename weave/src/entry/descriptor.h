// Pipes, sockets and the like, of which the program has both ends: a call that would block in the
// system waits as on a lock instead.
#pragma once

#include <sys/types.h>

#include "run/execution.h"

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
/// The file behind a descriptor, or null.
OpenFile* open_file(int descriptor);
void attach_file(int descriptor, OpenFile& file);
/// A descriptor that names a file.
int descriptor_of(const OpenFile& file);
/// Notes a new descriptor whose other ends are the program's. Returns it.
int note_new(int descriptor);

/// Waits until a descriptor can be read from (POLLIN) or written to (POLLOUT). Returns at once if
/// the other end is not the program's, or if the descriptor does not block.
void wait_for_descriptor(Execution& execution, int descriptor, short events, uint32_t pc);
/// The same for any condition: calls `look`, which does not block, until it returns true. Other
/// threads may run before each call.
void wait_until(Execution& execution, uint32_t pc, bool (*look)(void*), void* argument);
template <class Look>
void wait_until(Execution& execution, uint32_t pc, Look look) {
    wait_until(
        execution, pc, [](void* argument) { return (*static_cast<Look*>(argument))(); }, &look);
}
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

/// Moves a descriptor of the runtime's to a number that the program does not expect to be free.
int take_high_descriptor(int descriptor);

}  // namespace weave
