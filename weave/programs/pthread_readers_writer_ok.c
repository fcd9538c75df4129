// Two readers and a writer under a readers-writer lock.
// verdict: ok
// options: mode=random executions=20000
#define _POSIX_C_SOURCE 200809L

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int left = 0;
static int right = 0;

static void* read_both(void* unused) {
    (void)unused;
    pthread_rwlock_rdlock(&lock);
    assert(left == right);
    pthread_rwlock_unlock(&lock);
    return NULL;
}

static void* write_both(void* unused) {
    (void)unused;
    pthread_rwlock_wrlock(&lock);
    ++left;
    ++right;
    pthread_rwlock_unlock(&lock);
    return NULL;
}

int main(void) {
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, read_both, NULL);
    pthread_create(&threads[1], NULL, read_both, NULL);
    pthread_create(&threads[2], NULL, write_both, NULL);
    for (int i = 0; i < 3; ++i) {
        pthread_join(threads[i], NULL);
    }
    assert(left == 1);
    return 0;
}
