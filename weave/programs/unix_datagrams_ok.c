// Datagrams of Unix sockets: one keeps its size and its sender's name, a sender waits while the
// receiver's queue is full, and a pair has the same rules.
// verdict: ok
// options: mode=mix executions=300
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { count = 24 };
static struct sockaddr_un receiver_name = {.sun_family = AF_UNIX, .sun_path = "\0weave receiver"};
static struct sockaddr_un sender_name = {.sun_family = AF_UNIX, .sun_path = "\0weave sender"};
static const socklen_t name_size = offsetof(struct sockaddr_un, sun_path) + 14;
static int values[count];
static int pair[2];
static char large[20000];

static void* send_all(void* unused) {
    const int sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert(bind(sender, (struct sockaddr*)&sender_name, name_size) == 0);
    assert(connect(sender, (struct sockaddr*)&receiver_name, name_size) == 0);
    for (int i = 0; i < count; ++i) {
        values[i] = i;
        assert(send(sender, large, (size_t)i, 0) == i);
    }
    close(sender);
    char bytes[sizeof large];
    assert(read(pair[1], bytes, sizeof bytes) == sizeof large);
    return unused;
}

int main(void) {
    const int receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert(bind(receiver, (struct sockaddr*)&receiver_name, name_size) == 0);
    assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, send_all, NULL);
    for (int i = 0; i < count; ++i) {
        char bytes[count];
        struct sockaddr_un from;
        socklen_t size = sizeof from;
        assert(recvfrom(receiver, bytes, sizeof bytes, 0, (struct sockaddr*)&from, &size) == i);
        assert(size == name_size && memcmp(&from, &sender_name, name_size) == 0);
        assert(values[i] == i);
    }
    assert(write(pair[0], large, sizeof large) == sizeof large);
    pthread_join(thread, NULL);
    close(receiver);
    close(pair[0]);
    close(pair[1]);
}
