// Messages in parts, which a socket may keep apart from one another.
#pragma once

#include <sys/socket.h>

#include "run/execution.h"

namespace weave {

/// Is it a socket that keeps the bounds of what is sent?
bool keeps_messages(int descriptor);

/// recvmsg() and sendmsg() for a descriptor of the program's, with the accesses to all bytes of the
/// message, but not to the structures around them.
ssize_t receive_message(const void* return_address, int descriptor, msghdr& message, int flags);
ssize_t send_message(const void* return_address, int descriptor, const msghdr& message, int flags);

}  // namespace weave
