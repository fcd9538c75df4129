// A thread waits for a child process while another one looks every now and then whether it has
// ended: its waits end by time, and never keep the child from being seen.
// verdict: ok
// options: mode=random executions=30
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool has_ended = false;

static void* watch(void* unused) {
    pthread_mutex_lock(&mutex);
    while (!has_ended) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&changed, &mutex, &until);
    }
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void) {
    pthread_t watcher;
    pthread_create(&watcher, NULL, watch, NULL);
    if (fork() == 0) {
        _exit(0);
    }
    assert(wait(NULL) > 0);
    pthread_mutex_lock(&mutex);
    has_ended = true;
    pthread_mutex_unlock(&mutex);
    pthread_join(watcher, NULL);
    return 0;
}
