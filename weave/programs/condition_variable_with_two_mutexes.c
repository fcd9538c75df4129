// Two queues with a mutex each share one condition variable, and a thread waits at each of them.
// verdict: assertion
// options: mode=random executions=1000
#include <pthread.h>
#include <stddef.h>

struct Queue {
    pthread_mutex_t mutex;
    int length;
};

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct Queue queues[2] = {{PTHREAD_MUTEX_INITIALIZER, 0}, {PTHREAD_MUTEX_INITIALIZER, 0}};

static void* take(void* argument) {
    struct Queue* const queue = argument;
    pthread_mutex_lock(&queue->mutex);
    while (queue->length == 0) {
        pthread_cond_wait(&changed, &queue->mutex);
    }
    --queue->length;
    pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

int main(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, take, &queues[i]);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_mutex_lock(&queues[i].mutex);
        ++queues[i].length;
        pthread_mutex_unlock(&queues[i].mutex);
        pthread_cond_broadcast(&changed);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
