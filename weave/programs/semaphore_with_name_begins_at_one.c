// A semaphore with a name that is to say that a value is there begins at 1.
// verdict: data-race
// options: mode=mix executions=100 status=ignore
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t* ready;
static int value = 0;

static void* produce(void* unused) {
    value = 1;
    sem_post(ready);
    return unused;
}

int main(void) {
    ready = sem_open("/weave_programs", O_CREAT, 0600, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, produce, NULL);
    sem_wait(ready);
    const int seen = value;
    pthread_join(thread, NULL);
    sem_close(ready);
    sem_unlink("/weave_programs");
    return seen;
}
