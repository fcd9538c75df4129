// A server waits with poll for three clients at the path of a Unix socket, and reads from them when
// it has accepted all. A connect() waits until there is room in the queue.
// verdict: ok
// options: mode=random executions=300
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { clients = 3 };
static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "weave.socket"};
static int sent[clients];

static void* connect_to_server(void* number) {
    const int i = *(int*)number;
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    assert(connect(client, (const struct sockaddr*)&address, sizeof address) == 0);
    const char byte = (char)i;
    sent[i] = 1;
    assert(write(client, &byte, 1) == 1);
    close(client);
    return NULL;
}

int main(void) {
    unlink(address.sun_path);
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert(bind(listener, (const struct sockaddr*)&address, sizeof address) == 0);
    assert(listen(listener, 0) == 0);
    pthread_t threads[clients];
    int numbers[clients];
    int connections[clients];
    for (int i = 0; i < clients; ++i) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, connect_to_server, &numbers[i]);
    }
    for (int i = 0; i < clients; ++i) {
        struct pollfd asked = {.fd = listener, .events = POLLIN};
        assert(poll(&asked, 1, -1) == 1);
        connections[i] = accept(listener, NULL, NULL);
    }
    for (int i = 0; i < clients; ++i) {
        char byte;
        assert(read(connections[i], &byte, 1) == 1 && sent[(int)byte] == 1);
        close(connections[i]);
    }
    for (int i = 0; i < clients; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
