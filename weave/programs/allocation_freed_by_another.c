// A thread frees a block that it got through a relaxed store, without touching it: the allocation
// does not happen before the free.
// verdict: data-race
// options: executions=1000
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(void*) published;

static void* releaser(void* unused) {
    free(atomic_exchange_explicit(&published, NULL, memory_order_relaxed));
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, releaser, NULL);
    atomic_store_explicit(&published, malloc(64), memory_order_relaxed);
    pthread_join(thread, NULL);
    free(atomic_load_explicit(&published, memory_order_relaxed));
    return 0;
}
