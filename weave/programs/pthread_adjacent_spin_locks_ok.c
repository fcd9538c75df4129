// Two spin locks that share eight bytes, and that each of two threads holds at the same time.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static _Alignas(8) pthread_spinlock_t locks[2];
static int count = 0;

static void* work(void* unused) {
    (void)unused;
    pthread_spin_lock(&locks[0]);
    pthread_spin_lock(&locks[1]);
    ++count;
    pthread_spin_unlock(&locks[1]);
    pthread_spin_unlock(&locks[0]);
    return NULL;
}

int main(void) {
    pthread_spin_init(&locks[0], PTHREAD_PROCESS_PRIVATE);
    pthread_spin_init(&locks[1], PTHREAD_PROCESS_PRIVATE);
    pthread_t other;
    pthread_create(&other, NULL, work, NULL);
    work(NULL);
    pthread_join(other, NULL);
    assert(count == 2);
    pthread_spin_destroy(&locks[0]);
    pthread_spin_destroy(&locks[1]);
    return 0;
}
