// A thread writes more into a pipe than it holds, and waits until another has read it.
// verdict: ok
// options: mode=random executions=30
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { size = 100000 };
static char sent[size];
static char received[size];
static int descriptors[2];

static void* send_all(void* unused) {
    memset(sent, 'x', size);
    assert(write(descriptors[1], sent, size) == size);
    return unused;
}

int main(void) {
    assert(pipe(descriptors) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, send_all, NULL);
    for (size_t done = 0; done < size;) {
        const ssize_t part = read(descriptors[0], received + done, size - done);
        assert(part > 0);
        done += (size_t)part;
    }
    pthread_join(thread, NULL);
    assert(memcmp(sent, received, size) == 0);
    return 0;
}
