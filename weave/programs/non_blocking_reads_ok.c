// Threads that ask without O_NONBLOCK being in the way of others: reads that fail with EAGAIN, and
// poll() without waiting, until there is something.
// verdict: ok
// options: mode=mix executions=300
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];
static int pair[2];
static int value;

static void* send_both(void* unused) {
    value = 1;
    assert(write(ends[1], "x", 1) == 1);
    assert(send(pair[1], "y", 1, MSG_DONTWAIT) == 1);
    assert(send(pair[1], "z", 1, 0) == 1);
    return unused;
}

int main(void) {
    assert(pipe(ends) == 0);
    assert(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    assert(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    const int copy = fcntl(ends[0], F_DUPFD, 30);
    assert(copy >= 30);
    pthread_t thread;
    pthread_create(&thread, NULL, send_both, NULL);
    char byte;
    while (read(copy, &byte, 1) < 0) {
        assert(errno == EAGAIN);
    }
    assert(value == 1);
    while (recv(pair[0], &byte, 1, MSG_DONTWAIT) < 0) {
        assert(errno == EAGAIN);
    }
    struct pollfd asked = {pair[0], POLLIN, 0};
    while (poll(&asked, 1, 0) == 0) {
    }
    assert(recv(pair[0], &byte, 1, 0) == 1 && byte == 'z');
    pthread_join(thread, NULL);
}
