// Writes to what no thread reads any more fail, where SIGPIPE is ignored, handled or not wanted.
// verdict: ok
// options: mode=random executions=100
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static int handled = 0;

static void handle(int number) { handled = number; }

int main(void) {
    int descriptors[2];
    assert(socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors) == 0);
    close(descriptors[0]);
    assert(send(descriptors[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    signal(SIGPIPE, handle);
    assert(pipe(descriptors) == 0);
    close(descriptors[0]);
    assert(write(descriptors[1], "x", 1) == -1 && errno == EPIPE && handled == SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    assert(write(descriptors[1], "x", 1) == -1 && errno == EPIPE);
    return 0;
}
