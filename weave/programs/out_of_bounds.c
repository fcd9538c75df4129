// A ring of four slots on the heap whose position is incremented by two threads and wrapped around
// in a second step: between the two a thread may write past the last slot.
// verdict: out-of-bounds
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int* places;
static atomic_int position = 3;

static void* work(void* unused) {
    (void)unused;
    const int mine = atomic_fetch_add(&position, 1);
    atomic_store(&places[mine], 1);
    int last = 4;
    atomic_compare_exchange_strong(&position, &last, 0);
    return NULL;
}

int main(void) {
    places = calloc(4, sizeof *places);
    assert(places != NULL);
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    free(places);
    return 0;
}
