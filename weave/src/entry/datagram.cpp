// Datagrams between threads, of Unix sockets and of UDP on this machine.
//
// A Unix socket is the system's, and a sender waits while the receiver's queue is full. A socket of
// UDP is one end of a pair of Unix sockets to the system. The other end, the far one, is the
// runtime's: what another socket sends is written there. If there is no room, it is lost, as in
// UDP.
//
// What happens before a datagram is sent happens before what follows its receipt.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "entry/message.h"
#include "entry/socket.h"

namespace weave {

namespace {

constexpr size_t largest_of_udp = 65'507;

size_t size_of(const msghdr& message) {
    size_t size = 0;
    for (size_t i = 0; i < message.msg_iovlen; ++i) {
        size += message.msg_iov[i].iov_len;
    }
    return size;
}

bool has_input(int descriptor) {
    pollfd asked{descriptor, POLLIN, 0};
    return WEAVE_REAL(poll)(&asked, 1, 0) != 0;
}

bool is_same_port(Name one, Name other) {
    return one.size != 0 && other.size != 0 && *port_of(one) == *port_of(other);
}

void note_sent(Execution& execution, Socket& receiver, int descriptor, const Name& from,
               uint32_t pc) {
    add_pending(execution, receiver, descriptor, from);
    release_to_epolls(execution, pc);
    wake_waiters(execution, pc);
}

ssize_t send_by_udp(Execution& execution, Socket& socket, int descriptor, const msghdr& message,
                    Name& to, uint32_t pc) {
    if (!is_of_this_machine(to)) {
        execution.fail(Verdict::unsupported, pc, "a datagram to another machine or to a group");
    }
    const size_t size = size_of(message);
    if (size > largest_of_udp) {
        return fail_with(EMSGSIZE);
    }
    if (socket.name.size == 0) {
        name_by_chance(execution, socket);
    }
    const Name from = seen_by_others(socket.name);
    Socket* const receiver = datagram_socket_at(execution, to);
    if (receiver == nullptr) {
        socket.is_refused = socket.peer.size != 0;
        execution.side_effect();
        wake_waiters(execution, pc);
        return static_cast<ssize_t>(size);
    }
    if (receiver->peer.size != 0 && !is_same_port(receiver->peer, from)) {
        return static_cast<ssize_t>(size);
    }
    const msghdr part = message_of(message.msg_iov, message.msg_iovlen);
    if (WEAVE_REAL(sendmsg)(receiver->far_end, &part, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        note_sent(execution, *receiver, descriptor, from, pc);
    }
    return static_cast<ssize_t>(size);
}

ssize_t send_locally(Execution& execution, Socket& socket, int descriptor, const msghdr& message,
                     int flags, Name& to, uint32_t pc) {
    const ssize_t result = send_in_one_step(execution, descriptor, message, flags, pc,
                                            [](Execution&, int, uint32_t) {});
    const int error = errno;
    if (result >= 0) {
        if (Socket* const receiver = datagram_socket_at(execution, to); receiver != nullptr) {
            note_sent(execution, *receiver, descriptor, socket.name, pc);
        }
    }
    errno = error;
    return result;
}

}  // namespace

int open_udp(int type, int& far_end) {
    int ends[2];
    if (WEAVE_REAL(socketpair)(AF_UNIX, type, 0, ends) != 0) {
        return -1;
    }
    far_end = take_high_descriptor(ends[1]);
    return ends[0];
}

int connect_datagrams(Execution& execution, Socket& socket, int descriptor, const sockaddr* to,
                      socklen_t size) {
    const bool is_of_system = !is_of_net(socket.family);
    if (size >= sizeof to->sa_family && to->sa_family == AF_UNSPEC) {
        socket.peer.size = 0;
        return is_of_system ? WEAVE_REAL(connect)(descriptor, to, size) : 0;
    }
    if (!is_valid(socket, to, size)) {
        return fail_with(EAFNOSUPPORT);
    }
    const Name name = name_from(to, size);
    if (is_of_system) {
        const int result = WEAVE_REAL(connect)(descriptor, to, size);
        if (result == 0) {
            socket.peer = name;
        }
        return result;
    }
    if (!is_of_this_machine(name)) {
        return connect_outside(socket.family, descriptor, to, size);
    }
    if (socket.name.size == 0) {
        name_by_chance(execution, socket);
    }
    socket.peer = seen_by_others(name);
    return 0;
}

ssize_t receive_datagram(const LibraryCall& call, Socket& socket, int descriptor, msghdr& message,
                         int flags, uint32_t pc) {
    Execution& execution = *active;
    const auto look = [&] { return has_input(descriptor) || socket.is_refused; };
    if ((flags & MSG_DONTWAIT) != 0 || !blocks(descriptor)) {
        execution.choice_point(OperationKind::other, 0);
    } else if (!wait_until(execution, patience_of(execution, descriptor, POLLIN), pc, look)) {
        return fail_with(EAGAIN);
    }
    if (socket.is_refused && !has_input(descriptor)) {
        socket.is_refused = false;
        return fail_with(ECONNREFUSED);
    }
    sockaddr* const to = static_cast<sockaddr*>(message.msg_name);
    socklen_t to_size = message.msg_namelen;
    const bool is_named_here = is_of_net(socket.family);
    if (is_named_here) {
        message.msg_name = nullptr;
    }
    const ssize_t result = WEAVE_REAL(recvmsg)(descriptor, &message, flags | MSG_DONTWAIT);
    const int error = errno;
    if (result >= 0) {
        const Pending* const pending =
            (flags & MSG_PEEK) != 0 ? socket.first : take_pending(socket);
        if (pending != nullptr) {
            execution.acquire(pending->released);
        }
        if (is_named_here && to != nullptr) {
            give(call, pending == nullptr ? Name{} : pending->from, to, &to_size);
        } else if (to != nullptr) {
            call.writes(to, std::min(to_size, message.msg_namelen));
            to_size = message.msg_namelen;
        }
        wake_waiters(execution, pc);
    }
    message.msg_name = to;
    message.msg_namelen = to == nullptr ? 0 : to_size;
    errno = error;
    return result;
}

ssize_t send_datagram(Socket& socket, int descriptor, const msghdr& message, int flags,
                      uint32_t pc) {
    Execution& execution = *active;
    execution.choice_point(OperationKind::other, 0);
    const auto* const given = static_cast<const sockaddr*>(message.msg_name);
    if (given != nullptr && !is_valid(socket, given, message.msg_namelen)) {
        return fail_with(EINVAL);
    }
    Name to = given == nullptr ? socket.peer : name_from(given, message.msg_namelen);
    if (!is_of_net(socket.family)) {
        return send_locally(execution, socket, descriptor, message, flags, to, pc);
    }
    if (to.size == 0) {
        return fail_with(EDESTADDRREQ);
    }
    if (socket.is_refused) {
        socket.is_refused = false;
        return fail_with(ECONNREFUSED);
    }
    return send_by_udp(execution, socket, descriptor, message, to, pc);
}

}  // namespace weave
