// Two threads that meet at a barrier twice: each reads what the other one wrote before.
// verdict: ok
// options: mode=random executions=20000
#define _POSIX_C_SOURCE 200809L

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t barrier;
static int values[2] = {0, 0};
static int places[2] = {0, 1};

static void* work(void* place) {
    const int me = *(const int*)place;
    values[me] = me + 1;
    pthread_barrier_wait(&barrier);
    assert(values[1 - me] == 2 - me);
    pthread_barrier_wait(&barrier);
    values[me] = 0;
    return NULL;
}

int main(void) {
    pthread_t threads[2];
    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, work, &places[i]);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&barrier);
    return 0;
}
