// A detached thread that tells by a lock and a condition variable that it is done with its
// argument, which is freed after that.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool done = false;

static void* work(void* argument) {
    int* const number = argument;
    *number = 7;
    pthread_mutex_lock(&mutex);
    done = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void) {
    int* const number = malloc(sizeof *number);
    assert(number != NULL);
    *number = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, work, number);
    pthread_detach(thread);
    pthread_mutex_lock(&mutex);
    while (!done) {
        pthread_cond_wait(&changed, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    assert(*number == 7);
    free(number);
    return 0;
}
