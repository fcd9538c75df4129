// A receiver with SO_RCVTIMEO does not look at whether it has received anything.
// verdict: data-race
// options: mode=random executions=1000 status=ignore
#include <assert.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

static int pair[2];
static int value;

static void* answer(void* unused) {
    value = 7;
    assert(send(pair[1], "x", 1, 0) == 1);
    return unused;
}

int main(void) {
    const struct timeval limit = {.tv_sec = 1, .tv_usec = 0};
    assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    assert(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, answer, NULL);
    char byte;
    recv(pair[0], &byte, 1, 0);
    const int seen = value;
    pthread_join(thread, NULL);
    return seen;
}
