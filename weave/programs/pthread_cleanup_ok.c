// A thread that ends by pthread_exit() while it holds a lock: the handler that it has pushed
// unlocks it.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int cleaned = 0;

static void clean_up(void* held) {
    ++cleaned;
    pthread_mutex_unlock(held);
}

static void* work(void* ends_early) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(clean_up, &mutex);
    if (*(const bool*)ends_early) {
        pthread_exit(NULL);
    }
    pthread_cleanup_pop(1);
    return NULL;
}

int main(void) {
    static bool ends_early = true;
    static bool ends_late = false;
    pthread_t other;
    pthread_create(&other, NULL, work, &ends_early);
    work(&ends_late);
    pthread_join(other, NULL);
    pthread_mutex_lock(&mutex);
    assert(cleaned == 2);
    pthread_mutex_unlock(&mutex);
    return 0;
}
