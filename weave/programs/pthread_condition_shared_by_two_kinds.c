// A bounded buffer of one slot whose producers and consumers wait at the same condition variable
// and wake one of them: the wake-up may go to a thread that cannot use it, and all sleep forever.
// verdict: deadlock
// options: mode=random executions=40000
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int place = 0;

static void* produce(void* unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    while (place != 0) {
        pthread_cond_wait(&changed, &mutex);
    }
    place = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void* consume(void* unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    while (place == 0) {
        pthread_cond_wait(&changed, &mutex);
    }
    place = 0;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void) {
    pthread_t threads[4];
    pthread_create(&threads[0], NULL, consume, NULL);
    pthread_create(&threads[1], NULL, consume, NULL);
    pthread_create(&threads[2], NULL, produce, NULL);
    pthread_create(&threads[3], NULL, produce, NULL);
    for (int i = 0; i < 4; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
