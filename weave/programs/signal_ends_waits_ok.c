// pthread_kill() reaches a thread wherever it waits: for a mutex, a condition, a semaphore, a pipe
// and another thread. All waits but those that POSIX ends continue.
// verdict: ok
// options: mode=random executions=1000
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t semaphore;
static int descriptors[2];
static atomic_int handled;

static void on_signal(int number) {
    assert(number == SIGUSR2);
    atomic_fetch_add(&handled, 1);
}

static void* wait(void* unused) {
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    while (sem_wait(&semaphore) != 0) {
        assert(errno == EINTR);
    }
    char byte;
    assert(read(descriptors[0], &byte, 1) == 1);
    return unused;
}

int main(void) {
    signal(SIGUSR2, on_signal);
    sem_init(&semaphore, 0, 0);
    assert(pipe(descriptors) == 0);
    pthread_mutex_lock(&mutex);
    pthread_t thread;
    pthread_create(&thread, NULL, wait, NULL);
    pthread_kill(thread, SIGUSR2);
    pthread_mutex_unlock(&mutex);
    pthread_kill(thread, SIGUSR2);
    sem_post(&semaphore);
    while (atomic_load(&handled) == 0) {
    }
    assert(write(descriptors[1], "!", 1) == 1);
    pthread_join(thread, NULL);
    return 0;
}
