// A zeroed block of atomic objects that is published with a relaxed store: an atomic access to it
// races with its allocation.
// verdict: data-race
// options: executions=1000
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>

static _Atomic(atomic_int*) published;

static int adder(void* unused) {
    (void)unused;
    atomic_int* const counter = atomic_load_explicit(&published, memory_order_acquire);
    if (counter != NULL) {
        atomic_fetch_add(counter, 1);
    }
    return 0;
}

int main(void) {
    thrd_t thread;
    thrd_create(&thread, adder, NULL);
    atomic_int* const counter = calloc(1, sizeof *counter);
    atomic_store_explicit(&published, counter, memory_order_relaxed);
    thrd_join(thread, NULL);
    free(counter);
    return 0;
}
