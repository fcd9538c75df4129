// Two threads write to one variable and then send a datagram to one socket. The receiver knows what
// the sender of the first datagram has done, but not what the other one has.
// verdict: data-race
// options: mode=random executions=100
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static int results[2];

static void* compute(void* argument) {
    const int number = *(int*)argument;
    const int sender = socket(AF_INET, SOCK_DGRAM, 0);
    results[number] = 1;
    assert(sendto(sender, &number, sizeof number, 0, (struct sockaddr*)&address, sizeof address) ==
           sizeof number);
    return NULL;
}

int main(void) {
    const int receiver = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(4000);
    assert(bind(receiver, (struct sockaddr*)&address, sizeof address) == 0);
    pthread_t threads[2];
    int numbers[2] = {0, 1};
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, compute, &numbers[i]);
    }
    int first = -1;
    assert(recv(receiver, &first, sizeof first, 0) == sizeof first);
    const int sum = results[0] + results[1];
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    return sum < 0 ? 1 : 0;
}
