// sendmsg() gathers a message from two buffers, and recvmsg() spreads it over two: by a stream, by
// a datagram that has an address, and by a listening socket whose descriptor was copied before
// listen().
// verdict: ok
// options: mode=mix executions=300
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static struct sockaddr_in datagrams = {.sin_family = AF_INET};
static struct sockaddr_in connections = {.sin_family = AF_INET};
static int stream[2];

static void send_parts(int to, struct sockaddr_in* address) {
    char first[3] = "abc";
    char second[2] = "de";
    struct iovec parts[2] = {{first, sizeof first}, {second, sizeof second}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (address != NULL) {
        message.msg_name = address;
        message.msg_namelen = sizeof *address;
    }
    assert(sendmsg(to, &message, 0) == 5);
}

static void receive_parts(int from, struct sockaddr_in* address) {
    char first[2];
    char second[8];
    struct iovec parts[2] = {{first, sizeof first}, {second, sizeof second}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (address != NULL) {
        message.msg_name = address;
        message.msg_namelen = sizeof *address;
    }
    ssize_t size = recvmsg(from, &message, 0);
    if (address == NULL && size < 5) {
        assert(size == 3);  // a stream gives what there is
        size += recv(from, second + 1, 2, MSG_WAITALL);
    }
    assert(size == 5 && memcmp(first, "ab", 2) == 0 && memcmp(second, "cde", 3) == 0);
    assert(address == NULL || message.msg_namelen == sizeof *address);
}

static void* send_all(void* unused) {
    send_parts(stream[0], NULL);
    const int sender = socket(AF_INET, SOCK_DGRAM, 0);
    send_parts(sender, &datagrams);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    assert(connect(client, (struct sockaddr*)&connections, sizeof connections) == 0);
    send_parts(client, NULL);
    return unused;
}

int main(void) {
    assert(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
    const int receiver = socket(AF_INET, SOCK_DGRAM, 0);
    datagrams.sin_port = htons(4000);
    datagrams.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(receiver, (struct sockaddr*)&datagrams, sizeof datagrams) == 0);
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    connections.sin_port = htons(4000);
    connections.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(server, (struct sockaddr*)&connections, sizeof connections) == 0);
    const int copy = dup(server);
    const int high = dup2(server, 40);
    assert(listen(server, 4) == 0);
    close(server);
    close(copy);

    pthread_t thread;
    pthread_create(&thread, NULL, send_all, NULL);
    receive_parts(stream[1], NULL);
    struct sockaddr_in from;
    receive_parts(receiver, &from);
    assert(from.sin_family == AF_INET && from.sin_port != 0);
    const int accepted = accept(high, NULL, NULL);
    assert(accepted >= 0);
    receive_parts(accepted, NULL);
    pthread_join(thread, NULL);
}
