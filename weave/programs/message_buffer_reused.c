// A thread fills a buffer while another one sends it with sendmsg().
// verdict: data-race
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static char buffer[16];

static void* fill(void* unused) {
    memset(buffer, 'x', sizeof buffer);
    return unused;
}

int main(void) {
    int pair[2];
    assert(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, fill, NULL);
    struct iovec part = {buffer, sizeof buffer};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    assert(sendmsg(pair[0], &message, 0) == sizeof buffer);
    pthread_join(thread, NULL);
}
