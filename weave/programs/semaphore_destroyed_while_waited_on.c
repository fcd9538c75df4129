// A semaphore whose owner gives up and destroys it while a thread still waits.
// verdict: assertion
// options: mode=random executions=1000
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t semaphore;

static void* wait(void* unused) {
    sem_wait(&semaphore);
    return unused;
}

int main(void) {
    pthread_t thread;
    sem_init(&semaphore, 0, 0);
    pthread_create(&thread, NULL, wait, NULL);
    sem_destroy(&semaphore);
    pthread_join(thread, NULL);
    return 0;
}
