// Both ends of a TCP connection wait for the other one to speak first.
// verdict: deadlock
// options: mode=random executions=10
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static void* serve(void* listener) {
    const int connection = accept(*(int*)listener, NULL, NULL);
    char byte;
    assert(recv(connection, &byte, 1, 0) == 1);
    return NULL;
}

int main(void) {
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    socklen_t size = sizeof address;
    assert(bind(listener, (struct sockaddr*)&address, size) == 0 && listen(listener, 1) == 0);
    assert(getsockname(listener, (struct sockaddr*)&address, &size) == 0);
    pthread_t server;
    pthread_create(&server, NULL, serve, &listener);
    const int client = socket(AF_INET6, SOCK_STREAM, 0);
    assert(connect(client, (struct sockaddr*)&address, size) == 0);
    char byte;
    return recv(client, &byte, 1, 0) == 1 ? 0 : 1;
}
