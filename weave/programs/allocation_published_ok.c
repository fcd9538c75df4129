// A block that is published with a release, and read after an acquire.
// verdict: ok
// options: mode=exhaustive
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(int*) published;

static void* reader(void* unused) {
    int* const values = atomic_load_explicit(&published, memory_order_acquire);
    if (values != NULL && values[2] != 0) {
        abort();
    }
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, reader, NULL);
    int* const values = calloc(4, sizeof *values);
    atomic_store_explicit(&published, values, memory_order_release);
    pthread_join(thread, NULL);
    free(values);
    return 0;
}
