// Semaphores with names: two threads open the same one, and after sem_unlink() a new one of that
// name is another.
// verdict: ok
// options: mode=mix executions=500
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static const char name[] = "/weave_programs";
static int value = 0;

static void* post(void* unused) {
    sem_t* const semaphore = sem_open(name, O_CREAT, 0600, 0);
    assert(semaphore != SEM_FAILED);
    value = 1;
    assert(sem_post(semaphore) == 0);
    assert(sem_close(semaphore) == 0);
    return unused;
}

int main(void) {
    assert(sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
    sem_t* const semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    assert(semaphore != SEM_FAILED);
    assert(sem_open(name, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
    assert(sem_trywait(semaphore) == -1 && errno == EAGAIN);
    pthread_t thread;
    pthread_create(&thread, NULL, post, NULL);
    assert(sem_wait(semaphore) == 0);
    assert(value == 1);
    pthread_join(thread, NULL);
    int count = -1;
    assert(sem_getvalue(semaphore, &count) == 0 && count == 0);
    assert(sem_unlink(name) == 0);
    sem_t* const other = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
    assert(other != SEM_FAILED && other != semaphore);
    assert(sem_wait(other) == 0 && sem_trywait(other) == 0);
    assert(sem_close(other) == 0 && sem_close(semaphore) == 0 && sem_unlink(name) == 0);
}
