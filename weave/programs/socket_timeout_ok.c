// Sockets with a limit of time (SO_RCVTIMEO, SO_SNDTIMEO): a call that has waited for so long fails
// with EAGAIN, and no thread waits for ever.
// verdict: ok
// options: mode=mix executions=300
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

static const struct timeval limit = {.tv_sec = 0, .tv_usec = 20000};
static struct sockaddr_in address = {.sin_family = AF_INET};
static int pair[2];
static int value;

static void* answer(void* unused) {
    value = 7;
    assert(send(pair[1], "x", 1, 0) == 1);
    return unused;
}

int main(void) {
    assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    assert(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    assert(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, answer, NULL);
    char byte;
    ssize_t size;
    while ((size = recv(pair[0], &byte, 1, 0)) < 0) {
        assert(errno == EAGAIN);
    }
    assert(size == 1 && value == 7);
    pthread_join(thread, NULL);
    assert(recv(pair[0], &byte, 1, 0) < 0 && errno == EAGAIN);

    static char large[4096];
    while (send(pair[0], large, sizeof large, 0) > 0) {
    }
    assert(errno == EAGAIN);

    const int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(datagrams, (struct sockaddr*)&address, sizeof address) == 0);
    assert(setsockopt(datagrams, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    assert(recv(datagrams, &byte, 1, 0) < 0 && errno == EAGAIN);

    const int server = socket(AF_INET, SOCK_STREAM, 0);
    assert(listen(server, 1) == 0);
    assert(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    assert(accept(server, NULL, NULL) < 0 && errno == EAGAIN);
}
