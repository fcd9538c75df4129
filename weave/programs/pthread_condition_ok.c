// A bounded buffer of one slot with a lock and two condition variables: a producer, a consumer, and
// three values.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static pthread_cond_t emptied = PTHREAD_COND_INITIALIZER;
static int place = 0;

static void* produce(void* unused) {
    (void)unused;
    for (int value = 1; value <= 3; ++value) {
        pthread_mutex_lock(&mutex);
        while (place != 0) {
            pthread_cond_wait(&emptied, &mutex);
        }
        place = value;
        pthread_cond_signal(&filled);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void* consume(void* unused) {
    (void)unused;
    for (int value = 1; value <= 3; ++value) {
        pthread_mutex_lock(&mutex);
        while (place == 0) {
            pthread_cond_wait(&filled, &mutex);
        }
        assert(place == value);
        place = 0;
        pthread_cond_signal(&emptied);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

int main(void) {
    pthread_t producer;
    pthread_t consumer;
    pthread_create(&producer, NULL, produce, NULL);
    pthread_create(&consumer, NULL, consume, NULL);
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    return 0;
}
