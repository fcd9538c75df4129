// A thread ends with a robust mutex: the next one is told, makes the mutex consistent, and after
// that all is as usual; without that, the mutex is lost.
// verdict: ok
// options: mode=random executions=2000
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t mutex;

static void* leave_it(void* unused) {
    pthread_mutex_lock(&mutex);
    return unused;
}

static void let_a_thread_end(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, leave_it, NULL);
    pthread_join(thread, NULL);
}

int main(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex, &attributes);
    let_a_thread_end();
    assert(pthread_mutex_trylock(&mutex) == EOWNERDEAD);
    assert(pthread_mutex_consistent(&mutex) == 0);
    pthread_mutex_unlock(&mutex);
    assert(pthread_mutex_lock(&mutex) == 0);
    pthread_mutex_unlock(&mutex);
    let_a_thread_end();
    assert(pthread_mutex_lock(&mutex) == EOWNERDEAD);
    pthread_mutex_unlock(&mutex);
    assert(pthread_mutex_lock(&mutex) == ENOTRECOVERABLE);
    pthread_mutex_destroy(&mutex);
    return 0;
}
