// A server answers each datagram to the address that it came from. What its clients have written
// before they asked is there for the server, and its answer is there for them.
// verdict: ok
// options: mode=mix executions=500
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { clients = 2 };
static struct sockaddr_in address = {.sin_family = AF_INET};
static int questions[clients];
static int answers[clients];

static void* serve(void* argument) {
    const int server = *(int*)argument;
    for (int i = 0; i < clients; ++i) {
        int number = -1;
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        assert(recvfrom(server, &number, sizeof number, 0, (struct sockaddr*)&from, &size) ==
               sizeof number);
        assert(size == sizeof from && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
        answers[number] = questions[number] + 1;
        assert(sendto(server, "ok", 2, 0, (struct sockaddr*)&from, size) == 2);
    }
    return NULL;
}

static void* ask(void* argument) {
    const int number = *(int*)argument;
    const int client = socket(AF_INET, SOCK_DGRAM, 0);
    if (number == 0) {
        assert(connect(client, (struct sockaddr*)&address, sizeof address) == 0);
        questions[number] = 10;
        assert(send(client, &number, sizeof number, 0) == sizeof number);
    } else {
        questions[number] = 10;
        assert(sendto(client, &number, sizeof number, 0, (struct sockaddr*)&address,
                      sizeof address) == sizeof number);
    }
    char answer[8];
    assert(recv(client, answer, sizeof answer, 0) == 2);
    assert(answers[number] == 11);
    close(client);
    return NULL;
}

int main(void) {
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(server, (struct sockaddr*)&address, sizeof address) == 0);
    socklen_t size = sizeof address;
    assert(getsockname(server, (struct sockaddr*)&address, &size) == 0 && address.sin_port != 0);
    pthread_t threads[clients + 1];
    int numbers[clients];
    pthread_create(&threads[clients], NULL, serve, &server);
    for (int i = 0; i < clients; ++i) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, ask, &numbers[i]);
    }
    for (int i = 0; i <= clients; ++i) {
        pthread_join(threads[i], NULL);
    }
    close(server);
}
