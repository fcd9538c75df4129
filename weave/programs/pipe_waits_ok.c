// A thread reads from an empty pipe until another writes, and what is written before happens before
// what is done after the read.
// verdict: ok
// options: mode=random executions=1000
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static int descriptors[2];
static int message = 0;

static void* receive(void* unused) {
    char byte;
    assert(read(descriptors[0], &byte, 1) == 1 && byte == '!');
    assert(message == 7);
    assert(read(descriptors[0], &byte, 1) == 0);
    return unused;
}

int main(void) {
    assert(pipe(descriptors) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, receive, NULL);
    message = 7;
    assert(write(descriptors[1], "!", 1) == 1);
    close(descriptors[1]);
    pthread_join(thread, NULL);
    close(descriptors[0]);
    return 0;
}
