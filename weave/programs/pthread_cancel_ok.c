// Threads that are cancelled while they sleep and while they wait: each runs its handlers for
// cleaning up, and the one that waits for a condition has its mutex again.
// verdict: ok
// options: mode=random executions=2000
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static int cleaned = 0;

static void clean_up(void* lock) {
    ++cleaned;
    pthread_mutex_unlock(lock);
}

static void* sleep_on(void* unused) {
    for (;;) {
        usleep(10);
    }
    return unused;
}

static void* wait_on_condition(void* unused) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(clean_up, &mutex);
    for (;;) {
        pthread_cond_wait(&condition, &mutex);
    }
    pthread_cleanup_pop(1);
    return unused;
}

static void* wait_on_semaphore(void* unused) {
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_testcancel();
    pthread_setcancelstate(before, NULL);
    while (sem_wait(&semaphore) == 0) {
    }
    return unused;
}

int main(void) {
    sem_init(&semaphore, 0, 0);
    void* (*const functions[])(void*) = {sleep_on, wait_on_condition, wait_on_semaphore};
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i) {
        pthread_create(&threads[i], NULL, functions[i], NULL);
    }
    for (int i = 0; i < 3; ++i) {
        void* result = NULL;
        assert(pthread_cancel(threads[i]) == 0);
        assert(pthread_join(threads[i], &result) == 0 && result == PTHREAD_CANCELED);
    }
    assert(pthread_mutex_trylock(&mutex) == 0 && cleaned <= 1);
    pthread_mutex_unlock(&mutex);
    return 0;
}
