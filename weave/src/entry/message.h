// Messages in parts, which a socket may keep apart from one another.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include "run/execution.h"

namespace weave {

/// A message without a name and without control data.
inline msghdr message_of(const iovec* parts, size_t count) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    return message;
}

/// Is it a socket that keeps the bounds of what is sent?
bool keeps_messages(int descriptor);

/// recvmsg() and sendmsg() for a descriptor of the program's, with the accesses to all bytes of the
/// message, but not to the structures around them.
ssize_t receive_message(const void* return_address, int descriptor, msghdr& message, int flags);
ssize_t send_message(const void* return_address, int descriptor, const msghdr& message, int flags);

/// Has the system send a message that is not to be divided, and waits for room if the call may.
/// Other threads may have run before it returns. `prepare` is called before each attempt.
ssize_t send_in_one_step(Execution& execution, int descriptor, const msghdr& message, int flags,
                         uint32_t pc, void (*prepare)(Execution&, int descriptor, uint32_t pc));

}  // namespace weave
