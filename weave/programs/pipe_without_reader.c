// A thread writes to a pipe that another one may close first: then SIGPIPE ends the program.
// verdict: exit-status
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <unistd.h>

static int descriptors[2];

static void* close_reader(void* unused) {
    close(descriptors[0]);
    return unused;
}

int main(void) {
    assert(pipe(descriptors) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, close_reader, NULL);
    assert(write(descriptors[1], "x", 1) == 1);
    pthread_join(thread, NULL);
    return 0;
}
