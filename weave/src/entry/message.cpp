// Messages in parts: defines recvmsg(), sendmsg(), recvmmsg() and sendmmsg() of the C library, and
// what the calls for one buffer do with sockets that keep the bounds of what is sent.
#include "entry/message.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "entry/socket.h"

namespace weave {

namespace {

void note_parts_read(const LibraryCall& call, const msghdr& message) {
    for (size_t i = 0; i < message.msg_iovlen; ++i) {
        call.reads_bytes(message.msg_iov[i].iov_base, message.msg_iov[i].iov_len);
    }
}

/// Notes that the first `size` bytes of the parts were written.
void note_parts_written(const LibraryCall& call, const msghdr& message, size_t size) {
    for (size_t i = 0; i < message.msg_iovlen && size != 0; ++i) {
        const size_t part = std::min(size, message.msg_iov[i].iov_len);
        call.writes(message.msg_iov[i].iov_base, part);
        size -= part;
    }
}

/// The accesses to a message itself, but not to its bytes.
void note_header(const LibraryCall& call, const msghdr& message) {
    call.reads(&message, sizeof message);
    call.reads(message.msg_iov, message.msg_iovlen * sizeof *message.msg_iov);
}

bool passes_descriptors(const msghdr& message) {
    for (const cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(part))) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            return true;
        }
    }
    return false;
}

/// Sends a message that is not to be divided.
ssize_t send_whole(Execution& execution, int descriptor, const msghdr& message, int flags,
                   uint32_t pc) {
    execution.choice_point(OperationKind::other, 0);
    const ssize_t result =
        send_in_one_step(execution, descriptor, message, flags, pc, release_descriptor);
    const int error = errno;
    wake_waiters(execution, pc);
    release_to_epolls(execution, pc);
    note_broken(execution, result, error, flags, pc);
    errno = error;
    return result;
}

/// Sends or receives part by part with `transfer`, up to the first that is not done whole. Returns
/// the number of bytes, or what `transfer` has returned of the first part if that failed.
template <class Transfer>
ssize_t part_by_part(const msghdr& message, Transfer transfer) {
    ssize_t done = 0;
    for (size_t i = 0; i < message.msg_iovlen; ++i) {
        const iovec& part = message.msg_iov[i];
        const ssize_t result = transfer(part);
        if (result < 0) {
            return done == 0 ? result : done;
        }
        done += result;
        if (static_cast<size_t>(result) < part.iov_len) {
            break;
        }
    }
    return done;
}

/// Receives from a stream, or from a pair of sockets.
ssize_t receive_parts(Execution& execution, int descriptor, msghdr& message, int flags,
                      uint32_t pc) {
    if ((flags & MSG_WAITALL) == 0 || keeps_messages(descriptor)) {
        return read_from(execution, descriptor, pc, (flags & MSG_DONTWAIT) == 0,
                         [&] { return WEAVE_REAL(recvmsg)(descriptor, &message, flags); });
    }
    message.msg_controllen = 0;
    message.msg_flags = 0;
    return part_by_part(message, [&](const iovec& part) {
        return receive(execution, descriptor, part.iov_base, part.iov_len, flags, pc);
    });
}

}  // namespace

bool keeps_messages(int descriptor) {
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    const int error = errno;
    getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size);
    errno = error;
    return type != SOCK_STREAM;
}

ssize_t send_in_one_step(Execution& execution, int descriptor, const msghdr& message, int flags,
                         uint32_t pc, void (*prepare)(Execution&, int descriptor, uint32_t pc)) {
    ssize_t result = -1;
    int error = 0;
    const auto attempt = [&] {
        prepare(execution, descriptor, pc);
        result = WEAVE_REAL(sendmsg)(descriptor, &message, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        error = errno;
        return result >= 0 || error != EAGAIN;
    };
    if ((flags & MSG_DONTWAIT) != 0 || !blocks(descriptor)) {
        attempt();
    } else {
        wait_until(execution, patience_of(execution, descriptor, POLLOUT), pc, attempt);
    }
    errno = error;
    return result;
}

ssize_t receive_message(const void* return_address, int descriptor, msghdr& message, int flags) {
    const uint32_t pc = pc_of(return_address);
    const LibraryCall call(return_address);
    Socket* const socket = datagram_socket_of(descriptor);
    const ssize_t result = socket != nullptr
                               ? receive_datagram(call, *socket, descriptor, message, flags, pc)
                               : receive_parts(*active, descriptor, message, flags, pc);
    if (result > 0) {
        note_parts_written(call, message, static_cast<size_t>(result));
    }
    if (result >= 0 && message.msg_control != nullptr && message.msg_controllen != 0) {
        call.writes(message.msg_control, message.msg_controllen);
    }
    return result;
}

ssize_t send_message(const void* return_address, int descriptor, const msghdr& message, int flags) {
    const uint32_t pc = pc_of(return_address);
    note_parts_read(LibraryCall(return_address), message);
    if (passes_descriptors(message)) {
        active->fail(Verdict::unsupported, pc, "a message with descriptors (SCM_RIGHTS)");
    }
    if (Socket* const socket = datagram_socket_of(descriptor); socket != nullptr) {
        return send_datagram(*socket, descriptor, message, flags, pc);
    }
    if (keeps_messages(descriptor)) {
        return send_whole(*active, descriptor, message, flags, pc);
    }
    return part_by_part(message, [&](const iovec& part) {
        return write_to(*active, descriptor, part.iov_base, part.iov_len, flags, pc);
    });
}

namespace {

ssize_t receive_one(const void* return_address, int descriptor, msghdr& message, int flags) {
    const LibraryCall call(return_address);
    note_header(call, message);
    const ssize_t result = receive_message(return_address, descriptor, message, flags);
    if (result >= 0) {
        call.writes(&message, sizeof message);
    }
    return result;
}

ssize_t send_one(const void* return_address, int descriptor, const msghdr& message, int flags) {
    note_header(LibraryCall(return_address), message);
    return send_message(return_address, descriptor, message, flags);
}

/// Sends or receives messages one by one with `transfer`, up to the first that fails, and notes
/// what each had. Returns their number, or -1 if the first has failed.
template <class Transfer>
int one_by_one(const void* return_address, mmsghdr* messages, unsigned count, Transfer transfer) {
    unsigned done = 0;
    while (done < count) {
        const ssize_t result = transfer(messages[done].msg_hdr, done == 0);
        if (result < 0) {
            break;
        }
        messages[done].msg_len = static_cast<unsigned>(result);
        LibraryCall(return_address).writes(&messages[done].msg_len, sizeof(unsigned));
        ++done;
    }
    return done == 0 && count != 0 ? -1 : static_cast<int>(done);
}

bool is_modelled(const void* return_address, int descriptor) {
    return is_program_call(return_address) && is_ours(descriptor);
}

}  // namespace

}  // namespace weave

#define WEAVE_CALLER __builtin_return_address(0)

extern "C" {

ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
    return weave::is_modelled(WEAVE_CALLER, descriptor)
               ? weave::receive_one(WEAVE_CALLER, descriptor, *message, flags)
               : WEAVE_REAL(recvmsg)(descriptor, message, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
    return weave::is_modelled(WEAVE_CALLER, descriptor)
               ? weave::send_one(WEAVE_CALLER, descriptor, *message, flags)
               : WEAVE_REAL(sendmsg)(descriptor, message, flags);
}

// The limit of time of recvmmsg() is only looked at after a message, so it is not heeded here.
int recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    if (!weave::is_modelled(WEAVE_CALLER, descriptor)) {
        return WEAVE_REAL(recvmmsg)(descriptor, messages, count, flags, timeout);
    }
    const void* const caller = WEAVE_CALLER;
    const int flags_of_first = flags & ~MSG_WAITFORONE;
    const int flags_of_next =
        (flags & MSG_WAITFORONE) != 0 ? flags_of_first | MSG_DONTWAIT : flags_of_first;
    return weave::one_by_one(caller, messages, count, [&](msghdr& message, bool is_first) {
        return weave::receive_one(caller, descriptor, message,
                                  is_first ? flags_of_first : flags_of_next);
    });
}

int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
    if (!weave::is_modelled(WEAVE_CALLER, descriptor)) {
        return WEAVE_REAL(sendmmsg)(descriptor, messages, count, flags);
    }
    const void* const caller = WEAVE_CALLER;
    return weave::one_by_one(caller, messages, count, [&](const msghdr& message, bool) {
        return weave::send_one(caller, descriptor, message, flags);
    });
}
}
