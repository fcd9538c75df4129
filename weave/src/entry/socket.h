// The program's sockets: their names, and what the model knows of each.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "entry/descriptor.h"
#include "entry/library.h"

namespace weave {

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

/// What a socket has been sent and not handed out yet: a connection that no accept() has taken, or
/// a datagram. The system hands them out in the same order.
struct Pending {
    int channel;  ///< of the connection
    Name from;
    const Snapshot* released;
    Pending* next;
};

struct Socket : OpenFile {
    int family;
    bool is_datagram;
    bool is_listening;
    bool is_open;
    bool is_refused;  ///< what it has sent to its peer reached no socket
    int far_end;      ///< of a UDP socket: the runtime's descriptor to write to what it receives
    Name name;
    Name peer;
    Name real;                 ///< of a TCP socket that listens: its address in the system
    const Snapshot* released;  ///< by listen()
    Pending* first;
    Pending* last;
    Socket* next;
};

/// The socket behind a descriptor, or null.
Socket* socket_of(int descriptor);
/// The same, if it is one for datagrams.
Socket* datagram_socket_of(int descriptor);
/// Is it of TCP or UDP? Then it is to the system what it is not to the program.
inline bool is_of_net(int family) { return family == AF_INET || family == AF_INET6; }

in_port_t* port_of(Name& name);
bool is_any(const Name& name);
bool is_of_this_machine(const Name& name);
bool is_valid(const Socket& socket, const sockaddr* address, socklen_t size);
Name name_from(const sockaddr* address, socklen_t size);
/// A name as other sockets see it: of this machine and not of any.
Name seen_by_others(Name name);
/// Gives a socket of TCP or UDP a name that it has not asked for.
void name_by_chance(Execution& execution, Socket& socket);
/// Hands a name to the program, as accept() and getsockname() do.
void give(const LibraryCall& call, const Name& name, sockaddr* to, socklen_t* size);
/// The open socket for datagrams that has this name, or null.
Socket* datagram_socket_at(Execution& execution, Name& name);

void add_pending(Execution& execution, Socket& to, int channel, const Name& from);
/// The first of them, taken off the list, or null.
const Pending* take_pending(Socket& socket);

/// Makes the descriptor one of the system's sockets, which reaches other machines.
int connect_outside(int family, int descriptor, const sockaddr* to, socklen_t size);

inline int fail_with(int error) {
    errno = error;
    return -1;
}

// ----- datagrams: datagram.cpp -------------------------------------------------------------------

/// socket() for datagrams of UDP: returns the descriptor, and in `far_end` the runtime's.
int open_udp(int type, int& far_end);
/// connect() of a socket for datagrams.
int connect_datagrams(Execution& execution, Socket& socket, int descriptor, const sockaddr* to,
                      socklen_t size);
/// Receives a datagram, as recvmsg() does.
ssize_t receive_datagram(const LibraryCall& call, Socket& socket, int descriptor, msghdr& message,
                         int flags, uint32_t pc);
/// Sends one, as sendmsg() does.
ssize_t send_datagram(Socket& socket, int descriptor, const msghdr& message, int flags,
                      uint32_t pc);

}  // namespace weave
