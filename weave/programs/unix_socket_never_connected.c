// A server waits for a client that no thread is.
// verdict: deadlock
// options: mode=random executions=10
#include <assert.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void) {
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "weave.socket"};
    unlink(address.sun_path);
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert(bind(listener, (const struct sockaddr*)&address, sizeof address) == 0);
    assert(listen(listener, 1) == 0);
    return accept(listener, NULL, NULL) < 0;
}
