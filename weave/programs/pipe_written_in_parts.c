// A thread writes to a pipe from two buffers, of which another thread changes the second meanwhile.
// verdict: data-race
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <sys/uio.h>
#include <unistd.h>

static char second[4] = "old";

static void* change(void* unused) {
    second[0] = 'c';
    return unused;
}

int main(void) {
    int descriptors[2];
    assert(pipe(descriptors) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, change, NULL);
    char first[4] = "new";
    const struct iovec parts[] = {{first, sizeof first}, {second, sizeof second}};
    assert(writev(descriptors[1], parts, 2) == 8);
    pthread_join(thread, NULL);
    return 0;
}
