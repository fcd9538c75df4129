// Sockets and connections between threads: defines socket(), bind(), listen(), accept(), connect(),
// shutdown(), getsockname(), getpeername() and setsockopt() of the C library. datagram.cpp has what
// is different without a connection.
//
// A Unix socket is the system's. The kernel of a TCP connection would add its own time: ports that
// stay taken after an execution, numbers that differ, bytes on their way. So the program's sockets
// of TCP and UDP are Unix sockets to the system, and their ports and addresses are known here only.
// They reach one another; one that connects to another machine becomes the system's.
//
// What happens before connect() happens before what follows the accept() of that connection, and
// what happens before listen() before what follows a connect(). A loop that tries to connect until
// it can is recognised like one that polls a lock.
#include "entry/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "model/spin.h"

namespace weave {

namespace {

/// The sockets of an execution.
struct Sockets {
    uint32_t execution;
    Socket* first;
    in_port_t next_port;
};
Sockets sockets{};
constexpr in_port_t first_port = 32768;
/// Threads that try to connect wait for a change of this.
char listeners;

Sockets& sockets_of(Execution& execution) {
    if (sockets.execution != execution.number()) {
        sockets = {execution.number(), nullptr, first_port};
    }
    return sockets;
}

/// The socket of TCP or UDP behind a descriptor, or null.
Socket* net_socket_of(int descriptor) {
    Socket* const socket = active == nullptr ? nullptr : socket_of(descriptor);
    return socket != nullptr && is_of_net(socket->family) ? socket : nullptr;
}

Socket& add_socket(Execution& execution, int descriptor, int family) {
    Sockets& all = sockets_of(execution);
    auto* const socket = execution.arena.make<Socket>();
    socket->kind = OpenFile::Kind::socket;
    socket->end = [](Execution&, OpenFile& file, uint32_t) {
        auto& ended = static_cast<Socket&>(file);
        ended.is_open = false;
        if (ended.far_end >= 0) {
            close_high_descriptor(ended.far_end);
        }
    };
    socket->family = family;
    socket->far_end = -1;
    socket->is_open = true;
    socket->next = all.first;
    all.first = socket;
    attach_file(descriptor, *socket);
    return *socket;
}

// ----- names -------------------------------------------------------------------------------------

}  // namespace

Socket* socket_of(int descriptor) {
    OpenFile* const file = open_file(descriptor);
    return file != nullptr && file->kind == OpenFile::Kind::socket ? static_cast<Socket*>(file)
                                                                   : nullptr;
}

Socket* datagram_socket_of(int descriptor) {
    Socket* const socket = socket_of(descriptor);
    return socket != nullptr && socket->is_datagram ? socket : nullptr;
}

in_port_t* port_of(Name& name) {
    return name.address.any.sa_family == AF_INET    ? &name.address.v4.sin_port
           : name.address.any.sa_family == AF_INET6 ? &name.address.v6.sin6_port
                                                    : nullptr;
}

bool is_valid(const Socket& socket, const sockaddr* address, socklen_t size) {
    const size_t least = socket.family == AF_INET    ? sizeof(sockaddr_in)
                         : socket.family == AF_INET6 ? sizeof(sockaddr_in6)
                                                     : sizeof(sa_family_t);
    return size >= least && size <= sizeof(Address) && address->sa_family == socket.family;
}

Name name_from(const sockaddr* address, socklen_t size) {
    Name name{};
    std::memcpy(name.address.bytes, address, size);
    name.size = size;
    if (address->sa_family == AF_UNIX && size > offsetof(sockaddr_un, sun_path) &&
        name.address.local.sun_path[0] != '\0') {
        // A path ends at its 0, and not with the size given.
        name.size = static_cast<socklen_t>(
            offsetof(sockaddr_un, sun_path) + 1 +
            strnlen(name.address.local.sun_path, sizeof name.address.local.sun_path - 1));
    }
    return name;
}

namespace {

Name loopback(int family) {
    Name name{};
    name.address.any.sa_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) {
        name.address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.size = sizeof(sockaddr_in);
    } else {
        name.address.v6.sin6_addr = in6addr_loopback;
        name.size = sizeof(sockaddr_in6);
    }
    return name;
}

}  // namespace

bool is_any(const Name& name) {
    return name.address.any.sa_family == AF_INET
               ? name.address.v4.sin_addr.s_addr == htonl(INADDR_ANY)
               : IN6_IS_ADDR_UNSPECIFIED(&name.address.v6.sin6_addr);
}

bool is_of_this_machine(const Name& name) {
    constexpr uint32_t net = 127;
    return is_any(name) || (name.address.any.sa_family == AF_INET
                                ? ntohl(name.address.v4.sin_addr.s_addr) >> 24 == net
                                : IN6_IS_ADDR_LOOPBACK(&name.address.v6.sin6_addr));
}

namespace {

/// The open socket that has a port of TCP or UDP, or null.
Socket* owner_of(Execution& execution, in_port_t port, bool is_datagram) {
    for (Socket* socket = sockets_of(execution).first; socket != nullptr; socket = socket->next) {
        if (socket->is_open && is_of_net(socket->family) && socket->is_datagram == is_datagram &&
            socket->name.size != 0 && *port_of(socket->name) == port) {
            return socket;
        }
    }
    return nullptr;
}

in_port_t free_port(Execution& execution) {
    Sockets& all = sockets_of(execution);
    const auto is_taken = [&](in_port_t port) {
        return owner_of(execution, port, false) != nullptr ||
               owner_of(execution, port, true) != nullptr;
    };
    while (is_taken(htons(all.next_port))) {
        ++all.next_port;
    }
    return htons(all.next_port++);
}

bool is_same(const Name& one, const Name& other) {
    return one.size == other.size &&
           std::memcmp(one.address.bytes, other.address.bytes, one.size) == 0;
}

}  // namespace

Name seen_by_others(Name name) {
    if (is_any(name)) {
        const in_port_t port = *port_of(name);
        name = loopback(name.address.any.sa_family);
        *port_of(name) = port;
    }
    return name;
}

void name_by_chance(Execution& execution, Socket& socket) {
    socket.name = loopback(socket.family);
    *port_of(socket.name) = free_port(execution);
}

Socket* datagram_socket_at(Execution& execution, Name& name) {
    if (const in_port_t* const port = port_of(name); port != nullptr) {
        return owner_of(execution, *port, true);
    }
    for (Socket* one = sockets_of(execution).first; one != nullptr; one = one->next) {
        if (one->is_open && one->is_datagram && one->family == AF_UNIX &&
            is_same(one->name, name)) {
            return one;
        }
    }
    return nullptr;
}

namespace {

/// The socket that listens at an address, or null.
Socket* listener_at(Execution& execution, Name& name) {
    if (const in_port_t* const port = port_of(name); port != nullptr) {
        for (Socket* one = sockets_of(execution).first; one != nullptr; one = one->next) {
            if (one->is_open && one->is_listening && is_of_net(one->family) &&
                *port_of(one->name) == *port) {
                return one;
            }
        }
        return nullptr;
    }
    for (Socket* one = sockets_of(execution).first; one != nullptr; one = one->next) {
        if (one->is_open && one->is_listening && one->family == AF_UNIX &&
            is_same(one->name, name)) {
            return one;
        }
    }
    return nullptr;
}

SyncObject& listeners_object(Execution& execution, uint32_t pc) {
    return execution.object(&listeners, SyncKind::semaphore, pc);
}

/// The same for a thread that may try again and again.
Socket* listener_for(Execution& execution, Name& name, uint32_t pc, const void* frame) {
    Socket* listener = listener_at(execution, name);
    if (listener == nullptr) {
        Watch& watch = listeners_object(execution, pc).availability;
        poll_before(execution, watch, pc, frame);
        listener = listener_at(execution, name);
        poll_after(execution.current(), watch, pc);
    }
    return listener;
}

}  // namespace

void give(const LibraryCall& call, const Name& name, sockaddr* to, socklen_t* size) {
    if (to == nullptr || size == nullptr) {
        return;
    }
    call.reads(size, sizeof *size);
    const socklen_t given = std::min(*size, name.size);
    std::memcpy(to, name.address.bytes, given);
    *size = name.size;
    call.writes(to, given);
    call.writes(size, sizeof *size);
}

namespace {

// ----- listening ---------------------------------------------------------------------------------

bool shares_its_name(const Socket& socket) {
    int is_set = 0;
    socklen_t size = sizeof is_set;
    return socket.is_datagram &&
           getsockopt(descriptor_of(socket), SOL_SOCKET, SO_REUSEADDR, &is_set, &size) == 0 &&
           is_set != 0;
}

int bind_to_port(Execution& execution, Socket& socket, const sockaddr* address, socklen_t size) {
    if (socket.name.size != 0) {
        return fail_with(EINVAL);
    }
    if (!is_valid(socket, address, size)) {
        return fail_with(size < sizeof(sockaddr_in) ? EINVAL : EAFNOSUPPORT);
    }
    Name name = name_from(address, size);
    if (*port_of(name) == 0) {
        *port_of(name) = free_port(execution);
    } else if (const Socket* const owner = owner_of(execution, *port_of(name), socket.is_datagram);
               owner != nullptr && !(shares_its_name(socket) && shares_its_name(*owner))) {
        return fail_with(EADDRINUSE);
    }
    socket.name = name;
    return 0;
}

Name real_name_of(int descriptor) {
    Name name{};
    name.size = sizeof name.address;
    if (WEAVE_REAL(getsockname)(descriptor, &name.address.any, &name.size) != 0) {
        name.size = 0;
    }
    return name;
}

/// Lets the system choose an address for a TCP socket that is to listen.
bool bind_in_system(int descriptor, Socket& socket) {
    const sa_family_t family = AF_UNIX;
    sockaddr chosen{};
    chosen.sa_family = family;
    if (WEAVE_REAL(bind)(descriptor, &chosen, sizeof family) != 0) {
        return false;
    }
    socket.real = real_name_of(descriptor);
    return true;
}

int listen_at(Execution& execution, Socket& socket, int descriptor, int backlog, uint32_t pc) {
    execution.choice_point(OperationKind::other, 0);
    if (is_of_net(socket.family)) {
        if (socket.name.size == 0) {
            name_by_chance(execution, socket);
        }
        if (!socket.is_listening && !bind_in_system(descriptor, socket)) {
            return -1;
        }
    }
    const int result = WEAVE_REAL(listen)(descriptor, backlog);
    if (result == 0) {
        socket.is_listening = true;
        socket.released = execution.release();
        set_channel_of_all(socket, descriptor);
        wake_waiters(execution, pc);
        change(execution, listeners_object(execution, pc).availability);
    }
    return result;
}

// ----- connecting --------------------------------------------------------------------------------

/// connect() that fails with EAGAIN instead of waiting.
int connect_without_wait(int descriptor, const Name& to) {
    const int flags = WEAVE_REAL(fcntl)(descriptor, F_GETFL);
    WEAVE_REAL(fcntl)(descriptor, F_SETFL, flags | O_NONBLOCK);
    const int result = WEAVE_REAL(connect)(descriptor, &to.address.any, to.size);
    const int error = errno;
    WEAVE_REAL(fcntl)(descriptor, F_SETFL, flags);
    errno = error;
    return result;
}

}  // namespace

void add_pending(Execution& execution, Socket& to, int channel, const Name& from) {
    auto* const pending = execution.arena.make<Pending>();
    *pending = {channel, from, execution.release(), nullptr};
    (to.first == nullptr ? to.first : to.last->next) = pending;
    to.last = pending;
}

const Pending* take_pending(Socket& socket) {
    const Pending* const pending = socket.first;
    if (pending != nullptr) {
        socket.first = pending->next;
    }
    return pending;
}

namespace {

int connect_to(Execution& execution, Socket& socket, int descriptor, Socket& listener,
               uint32_t pc) {
    const Name& real = is_of_net(listener.family) ? listener.real : listener.name;
    int result = -1;
    int error = 0;
    const auto attempt = [&] {
        result = connect_without_wait(descriptor, real);
        error = errno;
        return result == 0 || error != EAGAIN;
    };
    if (!blocks(descriptor)) {
        attempt();
    } else if (!wait_until(execution, patience_of(execution, descriptor, POLLOUT), pc, attempt)) {
        error = EINPROGRESS;
    }
    if (result != 0) {
        return fail_with(error);
    }
    execution.acquire(listener.released);
    if (is_of_net(socket.family)) {
        if (socket.name.size == 0) {
            name_by_chance(execution, socket);
        }
        socket.peer = seen_by_others(listener.name);
    }
    set_channel_of_all(socket, descriptor);
    add_pending(execution, listener, descriptor, socket.name);
    release_to_epolls(execution, pc);
    wake_waiters(execution, pc);
    return 0;
}

}  // namespace

int connect_outside(int family, int descriptor, const sockaddr* to, socklen_t size) {
    const int status = WEAVE_REAL(fcntl)(descriptor, F_GETFL);
    const int flags = WEAVE_REAL(fcntl)(descriptor, F_GETFD);
    const int type = datagram_socket_of(descriptor) != nullptr ? SOCK_DGRAM : SOCK_STREAM;
    const int real = WEAVE_REAL(socket)(family, type | (status & O_NONBLOCK), 0);
    if (real < 0) {
        return -1;
    }
    dup3(real, descriptor, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
    WEAVE_REAL(close)(real);
    return WEAVE_REAL(connect)(descriptor, to, size);
}

namespace {

int connect_socket(Execution& execution, Socket& socket, int descriptor, const sockaddr* to,
                   socklen_t size, uint32_t pc, const void* frame) {
    execution.choice_point(OperationKind::other, 0);
    if (socket.is_datagram) {
        return connect_datagrams(execution, socket, descriptor, to, size);
    }
    if (!is_valid(socket, to, size)) {
        return fail_with(EAFNOSUPPORT);
    }
    if (socket.peer.size != 0) {
        return fail_with(EISCONN);
    }
    Name name = name_from(to, size);
    if (Socket* const listener = listener_for(execution, name, pc, frame); listener != nullptr) {
        return connect_to(execution, socket, descriptor, *listener, pc);
    }
    if (!is_of_net(socket.family)) {
        return WEAVE_REAL(connect)(descriptor, to, size);
    }
    return is_of_this_machine(name) ? fail_with(ECONNREFUSED)
                                    : connect_outside(socket.family, descriptor, to, size);
}

// ----- accepting ---------------------------------------------------------------------------------

int accept_from(Execution& execution, Socket& listener, int descriptor, sockaddr* from,
                socklen_t* from_size, int flags, const void* return_address) {
    const uint32_t pc = pc_of(return_address);
    if (!blocks(descriptor)) {
        execution.choice_point(OperationKind::other, 0);
    } else if (!wait_for_descriptor(execution, descriptor, POLLIN, pc)) {
        return fail_with(EAGAIN);
    }
    const int accepted = WEAVE_REAL(accept4)(descriptor, nullptr, nullptr, flags);
    if (accepted < 0) {
        return accepted;
    }
    Socket& socket = add_socket(execution, accepted, listener.family);
    const Pending* const pending = take_pending(listener);
    if (pending == nullptr) {
        return accepted;  // from another process
    }
    execution.acquire(pending->released);
    set_channel(accepted, pending->channel);
    wake_waiters(execution, pc);
    if (is_of_net(listener.family)) {
        socket.name = loopback(listener.family);
        *port_of(socket.name) = *port_of(listener.name);
        socket.peer = pending->from;
    } else {
        socket.peer.size = sizeof socket.peer.address;
        WEAVE_REAL(getpeername)(accepted, &socket.peer.address.any, &socket.peer.size);
    }
    give(LibraryCall(return_address), socket.peer, from, from_size);
    return accepted;
}

/// The kind of a socket, without the flags that go with it.
int kind_of(int type) { return type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC); }

bool is_modelled_socket(int family, int type, int protocol) {
    switch (kind_of(type)) {
        case SOCK_STREAM:
            return family == AF_UNIX ||
                   (is_of_net(family) && (protocol == 0 || protocol == IPPROTO_TCP));
        case SOCK_DGRAM:
            return family == AF_UNIX ||
                   (is_of_net(family) && (protocol == 0 || protocol == IPPROTO_UDP));
        case SOCK_SEQPACKET:
            return family == AF_UNIX;
        default:
            return false;
    }
}

int open_socket(Execution& execution, int family, int type) {
    const bool is_datagram = kind_of(type) == SOCK_DGRAM;
    int far_end = -1;
    const int descriptor = is_datagram && is_of_net(family) ? open_udp(type, far_end)
                                                            : WEAVE_REAL(socket)(AF_UNIX, type, 0);
    if (descriptor >= 0) {
        Socket& socket = add_socket(execution, descriptor, family);
        socket.is_datagram = is_datagram;
        socket.far_end = far_end;
        if (is_datagram) {
            set_channel(descriptor, descriptor);
        }
    }
    return descriptor;
}

int accept_for(const void* return_address, int descriptor, sockaddr* from, socklen_t* from_size,
               int flags) {
    Socket* const listener = is_program_call(return_address) ? socket_of(descriptor) : nullptr;
    return listener != nullptr && listener->is_listening
               ? accept_from(*active, *listener, descriptor, from, from_size, flags, return_address)
               : WEAVE_REAL(accept4)(descriptor, from, from_size, flags);
}

}  // namespace

}  // namespace weave

#define WEAVE_CALLER __builtin_return_address(0)

extern "C" {

using weave::active;
using weave::LibraryCall;

int socket(int family, int type, int protocol) noexcept {
    return weave::is_modelled_socket(family, type, protocol) && weave::is_program_call(WEAVE_CALLER)
               ? weave::open_socket(*active, family, type)
               : WEAVE_REAL(socket)(family, type, protocol);
}

int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
    weave::Socket* const socket = active == nullptr ? nullptr : weave::socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(bind)(descriptor, address, size);
    }
    LibraryCall(WEAVE_CALLER).reads(address, size);
    active->side_effect();
    if (weave::is_of_net(socket->family)) {
        return weave::bind_to_port(*active, *socket, address, size);
    }
    const int result = WEAVE_REAL(bind)(descriptor, address, size);
    if (result == 0) {
        socket->name = weave::real_name_of(descriptor);
    }
    return result;
}

int listen(int descriptor, int backlog) noexcept {
    weave::Socket* const socket = active == nullptr ? nullptr : weave::socket_of(descriptor);
    return socket == nullptr ? WEAVE_REAL(listen)(descriptor, backlog)
                             : weave::listen_at(*active, *socket, descriptor, backlog, WEAVE_PC);
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
    weave::Socket* const socket = active == nullptr ? nullptr : weave::socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(connect)(descriptor, address, size);
    }
    LibraryCall(WEAVE_CALLER).reads(address, size);
    const int result =
        weave::connect_socket(*active, *socket, descriptor, address, size, WEAVE_PC, WEAVE_FRAME);
    weave::clean_stack(active->current());
    return result;
}

int accept(int descriptor, sockaddr* from, socklen_t* size) {
    return weave::accept_for(WEAVE_CALLER, descriptor, from, size, 0);
}

int accept4(int descriptor, sockaddr* from, socklen_t* size, int flags) {
    return weave::accept_for(WEAVE_CALLER, descriptor, from, size, flags);
}

int shutdown(int descriptor, int how) noexcept {
    if (active == nullptr || !weave::is_ours(descriptor)) {
        return WEAVE_REAL(shutdown)(descriptor, how);
    }
    active->choice_point(weave::OperationKind::other, 0);
    weave::release_descriptor(*active, descriptor, WEAVE_PC);
    const int result = WEAVE_REAL(shutdown)(descriptor, how);
    weave::release_to_epolls(*active, WEAVE_PC);
    weave::wake_waiters(*active, WEAVE_PC);
    return result;
}

int getsockname(int descriptor, sockaddr* to, socklen_t* size) noexcept {
    const weave::Socket* const socket = weave::net_socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(getsockname)(descriptor, to, size);
    }
    weave::Name name = socket->name;
    if (name.size == 0) {
        name.address.any.sa_family = static_cast<sa_family_t>(socket->family);
        name.size = socket->family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    }
    weave::give(LibraryCall(WEAVE_CALLER), name, to, size);
    return 0;
}

int getpeername(int descriptor, sockaddr* to, socklen_t* size) noexcept {
    const weave::Socket* const socket = weave::net_socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(getpeername)(descriptor, to, size);
    }
    if (socket->peer.size == 0) {
        return weave::fail_with(ENOTCONN);
    }
    weave::give(LibraryCall(WEAVE_CALLER), socket->peer, to, size);
    return 0;
}

// Options of TCP, UDP and IP change nothing that the model knows.
int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) noexcept {
    const bool is_of_net = weave::net_socket_of(descriptor) != nullptr;
    if (is_of_net && level != SOL_SOCKET) {
        return 0;
    }
    const int result = WEAVE_REAL(setsockopt)(descriptor, level, option, value, size);
    return is_of_net && result != 0 && errno == EOPNOTSUPP ? 0 : result;
}
}
