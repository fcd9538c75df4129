// A thread takes a second shared lock of a lock that prefers writers, while a writer waits for the
// first one to be given back.
// verdict: deadlock
// options: mode=mix executions=500
#define _GNU_SOURCE
#include <pthread.h>

static pthread_rwlock_t lock;

static void* write_once(void* unused) {
    pthread_rwlock_wrlock(&lock);
    pthread_rwlock_unlock(&lock);
    return unused;
}

int main(void) {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &attributes);
    pthread_t writer;
    pthread_create(&writer, NULL, write_once, NULL);
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_rdlock(&lock);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
    pthread_join(writer, NULL);
    pthread_rwlock_destroy(&lock);
}
