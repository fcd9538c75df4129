// A block that is published with a relaxed store: nothing writes to it, but its allocation does not
// happen before what the other thread reads.
// verdict: data-race
// options: executions=1000
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(int*) published;

static void* reader(void* unused) {
    int* const values = atomic_load_explicit(&published, memory_order_relaxed);
    if (values != NULL && values[2] != 0) {
        abort();
    }
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, reader, NULL);
    int* const values = calloc(4, sizeof *values);
    atomic_store_explicit(&published, values, memory_order_relaxed);
    pthread_join(thread, NULL);
    free(values);
    return 0;
}
