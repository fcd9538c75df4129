// A semaphore that is posted before the thread that initialises it has run.
// verdict: assertion
// options: mode=random executions=1000
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t semaphore;

static void* initialise(void* unused) {
    sem_init(&semaphore, 0, 1);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, initialise, NULL);
    sem_post(&semaphore);
    pthread_join(thread, NULL);
    return 0;
}
