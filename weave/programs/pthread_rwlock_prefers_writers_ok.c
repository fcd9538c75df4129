// Readers and writers of a lock that prefers writers, one of which gives up after some time. POSIX
// and glibc let a thread take a second shared lock of one that does not.
// verdict: ok
// options: mode=mix executions=1000
#define _GNU_SOURCE
#include <assert.h>
#include <pthread.h>
#include <time.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_rwlock_t other = PTHREAD_RWLOCK_INITIALIZER;
static int value = 0;
static int other_value = 0;

static void* write_values(void* unused) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    if (pthread_rwlock_timedwrlock(&lock, &until) == 0) {
        ++value;
        pthread_rwlock_unlock(&lock);
    }
    pthread_rwlock_wrlock(&lock);
    ++value;
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_wrlock(&other);
    ++other_value;
    pthread_rwlock_unlock(&other);
    return unused;
}

static void* read_values(void* unused) {
    pthread_rwlock_rdlock(&lock);
    assert(value >= 0);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_rdlock(&other);
    pthread_rwlock_rdlock(&other);
    assert(other_value <= 1);
    pthread_rwlock_unlock(&other);
    pthread_rwlock_unlock(&other);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, write_values, NULL);
    pthread_create(&threads[1], NULL, read_values, NULL);
    read_values(NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(value == 1 || value == 2);
}
