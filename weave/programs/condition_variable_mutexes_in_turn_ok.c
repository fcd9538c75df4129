// A condition variable may be used with another mutex once no thread waits on it.
// verdict: ok
// options: mode=random executions=1000
#include <pthread.h>
#include <stddef.h>
#include <time.h>

int main(void) {
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    for (int i = 0; i < 2; ++i) {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        const struct timespec past = {0, 0};
        pthread_mutex_lock(&mutex);
        pthread_cond_timedwait(&condition, &mutex, &past);
        pthread_mutex_unlock(&mutex);
        pthread_mutex_destroy(&mutex);
    }
    pthread_cond_destroy(&condition);
    return 0;
}
