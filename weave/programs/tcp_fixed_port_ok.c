// A server listens at a fixed port, which each execution finds free, and a client tries to connect
// until it does. What is done before listen() and connect() happens before what follows connect()
// and accept(). A second socket cannot have the port before the first one is closed.
// verdict: ok
// options: mode=dfs executions=2000
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_listening = 0;
static int is_connecting = 0;

static struct sockaddr_in address_of(in_addr_t host) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(4711), .sin_addr = {htonl(host)}};
}

static void* serve(void* unused) {
    const struct sockaddr_in address = address_of(INADDR_ANY);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int other = socket(AF_INET, SOCK_STREAM, 0);
    const int first = socket(AF_INET, SOCK_STREAM, 0);
    assert(bind(first, (const struct sockaddr*)&address, sizeof address) == 0);
    close(first);
    assert(bind(listener, (const struct sockaddr*)&address, sizeof address) == 0);
    assert(bind(other, (const struct sockaddr*)&address, sizeof address) == -1);
    assert(errno == EADDRINUSE);
    is_listening = 1;
    assert(listen(listener, 4) == 0);
    const int connection = accept(listener, NULL, NULL);
    assert(is_connecting == 1);
    assert(write(connection, "x", 1) == 1);
    return unused;
}

int main(void) {
    const struct sockaddr_in address = address_of(INADDR_LOOPBACK);
    pthread_t server;
    pthread_create(&server, NULL, serve, NULL);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    is_connecting = 1;
    while (connect(client, (const struct sockaddr*)&address, sizeof address) != 0) {
        assert(errno == ECONNREFUSED);
        sched_yield();
    }
    assert(is_listening == 1);
    char byte = 0;
    assert(read(client, &byte, 1) == 1 && byte == 'x');
    pthread_join(server, NULL);
    return 0;
}
