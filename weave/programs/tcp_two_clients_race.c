// Two clients write to one variable before they connect. That a server accepts one after the other
// does not order them.
// verdict: data-race
// options: mode=random executions=100
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static int last = 0;

static void* connect_to_server(void* number) {
    last = *(int*)number;
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    assert(connect(client, (struct sockaddr*)&address, sizeof address) == 0);
    return NULL;
}

int main(void) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(listener, (struct sockaddr*)&address, size) == 0 && listen(listener, 4) == 0);
    assert(getsockname(listener, (struct sockaddr*)&address, &size) == 0);
    pthread_t clients[2];
    int numbers[2] = {1, 2};
    for (int i = 0; i < 2; ++i) {
        pthread_create(&clients[i], NULL, connect_to_server, &numbers[i]);
    }
    assert(accept(listener, NULL, NULL) >= 0 && accept(listener, NULL, NULL) >= 0);
    for (int i = 0; i < 2; ++i) {
        pthread_join(clients[i], NULL);
    }
    return last == 0;
}
