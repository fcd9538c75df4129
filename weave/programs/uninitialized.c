// A counter on the heap that a thread increments atomically, although no thread has given it a
// value.
// verdict: uninitialized
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static void* work(void* counter) {
    atomic_fetch_add((atomic_int*)counter, 1);
    return NULL;
}

int main(void) {
    atomic_int* const counter = malloc(sizeof *counter);
    assert(counter != NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, work, counter);
    pthread_join(thread, NULL);
    free(counter);
    return 0;
}
