// Two threads take turns. The one that waits looks at the clock and waits for a second, again and
// again: it must not do so for ever while the other one could run.
// verdict: ok
// options: mode=mix executions=1000
#include <assert.h>
#include <pthread.h>
#include <time.h>

enum { threads = 2 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn = 0;

static void* take_turn(void* number) {
    pthread_mutex_lock(&mutex);
    while (turn != *(int*)number) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&changed, &mutex, &until);
    }
    ++turn;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void) {
    pthread_t all[threads];
    int numbers[threads];
    for (int i = 0; i < threads; ++i) {
        numbers[i] = i;
        pthread_create(&all[i], NULL, take_turn, &numbers[i]);
    }
    for (int i = 0; i < threads; ++i) {
        pthread_join(all[i], NULL);
    }
    assert(turn == threads);
}
