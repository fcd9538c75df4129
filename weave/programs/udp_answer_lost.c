// A client that has asked waits for ever if the server is not bound yet: a datagram to a port that
// no socket has is lost.
// verdict: deadlock
// options: mode=random executions=100
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static struct sockaddr_in address = {.sin_family = AF_INET};

static void* serve(void* argument) {
    const int server = socket(AF_INET, SOCK_DGRAM, 0);
    assert(bind(server, (struct sockaddr*)&address, sizeof address) == 0);
    char byte;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    assert(recvfrom(server, &byte, 1, 0, (struct sockaddr*)&from, &size) == 1);
    sendto(server, &byte, 1, 0, (struct sockaddr*)&from, size);
    return argument;
}

int main(void) {
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(4000);
    pthread_t thread;
    pthread_create(&thread, NULL, serve, NULL);
    const int client = socket(AF_INET, SOCK_DGRAM, 0);
    char byte = 1;
    sendto(client, &byte, 1, 0, (struct sockaddr*)&address, sizeof address);
    assert(recv(client, &byte, 1, 0) == 1);
    pthread_join(thread, NULL);
}
