// A condition variable that measures by the monotonic clock: a wait that times out does so when
// that clock has reached the time, and not before.
// verdict: ok
// options: mode=random executions=10000
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;

static bool is_before(struct timespec left, struct timespec right) {
    return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

int main(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 2;
    pthread_mutex_lock(&mutex);
    int result = 0;
    while (result == 0) {
        result = pthread_cond_timedwait(&changed, &mutex, &deadline);
    }
    assert(result == ETIMEDOUT);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert(!is_before(now, deadline));
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&changed);
    return 0;
}
