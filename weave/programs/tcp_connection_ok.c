// A client connects to a server of its own process over TCP, half-closes, and reads the answer. The
// server has chosen no port; what is written before happens before what follows the reads.
// verdict: ok
// options: mode=random executions=500
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int message = 0;
static int answer = 0;

static void* serve(void* listener) {
    struct sockaddr_in client;
    socklen_t size = sizeof client;
    const int connection = accept(*(int*)listener, (struct sockaddr*)&client, &size);
    assert(connection >= 0 && size == sizeof client);
    assert(client.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && client.sin_port != 0);
    char text[8];
    assert(recv(connection, text, 4, MSG_WAITALL) == 4 && memcmp(text, "ping", 4) == 0);
    assert(message == 1);
    assert(read(connection, text, sizeof text) == 0);
    answer = 2;
    assert(send(connection, "pong", 4, 0) == 4);
    close(connection);
    return NULL;
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    assert(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_ANY)}};
    socklen_t size = sizeof address;
    assert(bind(listener, (struct sockaddr*)&address, size) == 0 && listen(listener, 1) == 0);
    assert(getsockname(listener, (struct sockaddr*)&address, &size) == 0 && address.sin_port != 0);
    pthread_t server;
    pthread_create(&server, NULL, serve, &listener);

    const int client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    assert(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(connect(client, (struct sockaddr*)&address, size) == 0);
    message = 1;
    assert(send(client, "pi", 2, 0) == 2 && send(client, "ng", 2, 0) == 2);
    assert(shutdown(client, SHUT_WR) == 0);
    char text[8];
    assert(recv(client, text, 4, MSG_WAITALL) == 4 && memcmp(text, "pong", 4) == 0);
    assert(answer == 2);
    pthread_join(server, NULL);
    close(client);
    close(listener);
    return 0;
}
