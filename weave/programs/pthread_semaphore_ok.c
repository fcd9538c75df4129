// A semaphore with one permit as a lock for two threads that count.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t permits;
static int count = 0;

static void* work(void* unused) {
    (void)unused;
    sem_wait(&permits);
    ++count;
    sem_post(&permits);
    return NULL;
}

int main(void) {
    pthread_t threads[2];
    sem_init(&permits, 0, 1);
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    assert(count == 2);
    sem_destroy(&permits);
    return 0;
}
