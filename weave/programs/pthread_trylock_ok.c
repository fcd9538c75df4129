// POSIX does not let pthread_mutex_trylock() and pthread_rwlock_tryrdlock() fail for no reason, and
// a thread may take a reader-writer lock several times for reading.
// verdict: ok
// options: mode=random executions=1000
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
    assert(pthread_mutex_trylock(&mutex) == 0);
    pthread_mutex_unlock(&mutex);
    assert(pthread_rwlock_tryrdlock(&lock) == 0);
    assert(pthread_rwlock_rdlock(&lock) == 0);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
    return 0;
}
