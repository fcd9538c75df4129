// Connections between threads: defines socket(), bind(), listen(), accept(), connect(), shutdown(),
// getsockname(), getpeername() and setsockopt() of the C library, for stream sockets.
//
// A Unix socket is the system's. The kernel of a TCP connection would add its own time: ports that
// stay taken after an execution, numbers that differ, bytes on their way. So the program's TCP
// sockets are Unix sockets to the system, and their ports and addresses are known here only. They
// reach one another; one that connects to another machine becomes the system's TCP socket.
//
// What happens before connect() happens before what follows the accept() of that connection, and
// what happens before listen() before what follows a connect(). A loop that tries to connect until
// it can is recognised like one that polls a lock.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "entry/descriptor.h"
#include "entry/library.h"
#include "model/spin.h"

namespace weave {

namespace {

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
    char bytes[sizeof(sockaddr_un)];
};

struct Name {
    Address address;
    socklen_t size;  ///< 0: none
};

/// A connection that no accept() has taken yet. The system hands them out in the same order.
struct Pending {
    int channel;
    Name client;
    const Snapshot* released;
    Pending* next;
};

struct Socket : OpenFile {
    int family;
    Name name;
    Name peer;
    Name real;  ///< of a TCP socket that listens: its address in the system
    bool is_listening;
    bool is_open;
    const Snapshot* released;  ///< by listen()
    Pending* first;
    Pending* last;
    Socket* next;
};

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

Socket* socket_of(int descriptor) {
    OpenFile* const file = open_file(descriptor);
    return file != nullptr && file->kind == OpenFile::Kind::socket ? static_cast<Socket*>(file)
                                                                   : nullptr;
}

bool is_tcp(int family) { return family == AF_INET || family == AF_INET6; }

/// The same, if it is to the system what it is not to the program.
Socket* tcp_socket_of(int descriptor) {
    Socket* const socket = active == nullptr ? nullptr : socket_of(descriptor);
    return socket != nullptr && is_tcp(socket->family) ? socket : nullptr;
}

Socket& add_socket(Execution& execution, int descriptor, int family) {
    Sockets& all = sockets_of(execution);
    auto* const socket = execution.arena.make<Socket>();
    socket->kind = OpenFile::Kind::socket;
    socket->end = [](Execution&, OpenFile& file, uint32_t) {
        static_cast<Socket&>(file).is_open = false;
    };
    socket->family = family;
    socket->is_open = true;
    socket->next = all.first;
    all.first = socket;
    attach_file(descriptor, *socket);
    return *socket;
}

// ----- names -------------------------------------------------------------------------------------

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

/// The open socket that has a port of TCP, or null.
Socket* owner_of(Execution& execution, in_port_t port) {
    for (Socket* socket = sockets_of(execution).first; socket != nullptr; socket = socket->next) {
        if (socket->is_open && is_tcp(socket->family) && socket->name.size != 0 &&
            *port_of(socket->name) == port) {
            return socket;
        }
    }
    return nullptr;
}

in_port_t free_port(Execution& execution) {
    Sockets& all = sockets_of(execution);
    while (owner_of(execution, htons(all.next_port)) != nullptr) {
        ++all.next_port;
    }
    return htons(all.next_port++);
}

/// Gives a TCP socket a name that it has not asked for.
void name_by_chance(Execution& execution, Socket& socket) {
    socket.name = loopback(socket.family);
    *port_of(socket.name) = free_port(execution);
}

/// The socket that listens at an address, or null.
Socket* listener_at(Execution& execution, Name& name) {
    if (const in_port_t* const port = port_of(name); port != nullptr) {
        for (Socket* one = sockets_of(execution).first; one != nullptr; one = one->next) {
            if (one->is_open && one->is_listening && is_tcp(one->family) &&
                *port_of(one->name) == *port) {
                return one;
            }
        }
        return nullptr;
    }
    for (Socket* one = sockets_of(execution).first; one != nullptr; one = one->next) {
        if (one->is_open && one->is_listening && one->family == AF_UNIX &&
            one->name.size == name.size &&
            std::memcmp(one->name.address.bytes, name.address.bytes, name.size) == 0) {
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

/// Hands a name to the program, as accept() and getsockname() do.
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

int fail_with(int error) {
    errno = error;
    return -1;
}

// ----- listening ---------------------------------------------------------------------------------

int bind_tcp(Execution& execution, Socket& socket, const sockaddr* address, socklen_t size) {
    if (socket.name.size != 0) {
        return fail_with(EINVAL);
    }
    if (!is_valid(socket, address, size)) {
        return fail_with(size < sizeof(sockaddr_in) ? EINVAL : EAFNOSUPPORT);
    }
    Name name = name_from(address, size);
    if (*port_of(name) == 0) {
        *port_of(name) = free_port(execution);
    } else if (owner_of(execution, *port_of(name)) != nullptr) {
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
    if (is_tcp(socket.family)) {
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
        set_channel(descriptor, descriptor);
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

/// Adds a connection to those that wait for accept().
void add_pending(Execution& execution, Socket& listener, Socket& client, int descriptor) {
    auto* const pending = execution.arena.make<Pending>();
    *pending = {descriptor, client.name, execution.release(), nullptr};
    (listener.first == nullptr ? listener.first : listener.last->next) = pending;
    listener.last = pending;
}

int connect_to(Execution& execution, Socket& socket, int descriptor, Socket& listener,
               uint32_t pc) {
    const Name& real = is_tcp(listener.family) ? listener.real : listener.name;
    int result = -1;
    int error = 0;
    const auto attempt = [&] {
        result = connect_without_wait(descriptor, real);
        error = errno;
        return result == 0 || error != EAGAIN;
    };
    if (blocks(descriptor)) {
        wait_until(execution, pc, attempt);
    } else {
        attempt();
    }
    if (result != 0) {
        return fail_with(error);
    }
    execution.acquire(listener.released);
    if (is_tcp(socket.family)) {
        if (socket.name.size == 0) {
            name_by_chance(execution, socket);
        }
        socket.peer = listener.name;
        if (is_any(socket.peer)) {
            const in_port_t port = *port_of(socket.peer);
            socket.peer = loopback(socket.family);
            *port_of(socket.peer) = port;
        }
    }
    set_channel(descriptor, descriptor);
    add_pending(execution, listener, socket, descriptor);
    release_to_epolls(execution, pc);
    wake_waiters(execution, pc);
    return 0;
}

/// Makes the descriptor one of the system's TCP sockets, which reaches other machines.
int connect_outside(int family, int descriptor, const sockaddr* to, socklen_t size) {
    const int status = WEAVE_REAL(fcntl)(descriptor, F_GETFL);
    const int flags = WEAVE_REAL(fcntl)(descriptor, F_GETFD);
    const int real = WEAVE_REAL(socket)(family, SOCK_STREAM | (status & O_NONBLOCK), 0);
    if (real < 0) {
        return -1;
    }
    dup3(real, descriptor, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
    WEAVE_REAL(close)(real);
    return WEAVE_REAL(connect)(descriptor, to, size);
}

int connect_socket(Execution& execution, Socket& socket, int descriptor, const sockaddr* to,
                   socklen_t size, uint32_t pc, const void* frame) {
    execution.choice_point(OperationKind::other, 0);
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
    if (!is_tcp(socket.family)) {
        return WEAVE_REAL(connect)(descriptor, to, size);
    }
    return is_of_this_machine(name) ? fail_with(ECONNREFUSED)
                                    : connect_outside(socket.family, descriptor, to, size);
}

// ----- accepting ---------------------------------------------------------------------------------

int accept_from(Execution& execution, Socket& listener, int descriptor, sockaddr* from,
                socklen_t* from_size, int flags, const void* return_address) {
    const uint32_t pc = pc_of(return_address);
    if (blocks(descriptor)) {
        wait_for_descriptor(execution, descriptor, POLLIN, pc);
    } else {
        execution.choice_point(OperationKind::other, 0);
    }
    const int accepted = WEAVE_REAL(accept4)(descriptor, nullptr, nullptr, flags);
    if (accepted < 0) {
        return accepted;
    }
    Socket& socket = add_socket(execution, accepted, listener.family);
    const Pending* const pending = listener.first;
    if (pending == nullptr) {
        return accepted;  // from another process
    }
    listener.first = pending->next;
    execution.acquire(pending->released);
    set_channel(accepted, pending->channel);
    wake_waiters(execution, pc);
    if (is_tcp(listener.family)) {
        socket.name = loopback(listener.family);
        *port_of(socket.name) = *port_of(listener.name);
        socket.peer = pending->client;
    } else {
        socket.peer.size = sizeof socket.peer.address;
        WEAVE_REAL(getpeername)(accepted, &socket.peer.address.any, &socket.peer.size);
    }
    give(LibraryCall(return_address), socket.peer, from, from_size);
    return accepted;
}

bool is_stream(int family, int type, int protocol) {
    const int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    return is_tcp(family) ? kind == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)
                          : family == AF_UNIX && (kind == SOCK_STREAM || kind == SOCK_SEQPACKET);
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
    const bool is_modelled =
        weave::is_program_call(WEAVE_CALLER) && weave::is_stream(family, type, protocol);
    const bool is_replaced = is_modelled && weave::is_tcp(family);
    const int descriptor = is_replaced ? WEAVE_REAL(socket)(AF_UNIX, type, 0)
                                       : WEAVE_REAL(socket)(family, type, protocol);
    if (is_modelled && descriptor >= 0) {
        weave::add_socket(*active, descriptor, family);
    }
    return descriptor;
}

int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
    weave::Socket* const socket = active == nullptr ? nullptr : weave::socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(bind)(descriptor, address, size);
    }
    LibraryCall(WEAVE_CALLER).reads(address, size);
    active->side_effect();
    if (weave::is_tcp(socket->family)) {
        return weave::bind_tcp(*active, *socket, address, size);
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
    const weave::Socket* const socket = weave::tcp_socket_of(descriptor);
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
    const weave::Socket* const socket = weave::tcp_socket_of(descriptor);
    if (socket == nullptr) {
        return WEAVE_REAL(getpeername)(descriptor, to, size);
    }
    if (socket->peer.size == 0) {
        return weave::fail_with(ENOTCONN);
    }
    weave::give(LibraryCall(WEAVE_CALLER), socket->peer, to, size);
    return 0;
}

// Options of TCP and IP change nothing that the model knows.
int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) noexcept {
    const bool is_tcp = weave::tcp_socket_of(descriptor) != nullptr;
    if (is_tcp && level != SOL_SOCKET) {
        return 0;
    }
    const int result = WEAVE_REAL(setsockopt)(descriptor, level, option, value, size);
    return is_tcp && result != 0 && errno == EOPNOTSUPP ? 0 : result;
}
}
