// Two threads join the same thread.
// verdict: assertion
// options: mode=mix executions=100
#include <pthread.h>
#include <stddef.h>

static pthread_t worker;

static void* work(void* unused) { return unused; }

static void* join(void* unused) {
    pthread_join(worker, NULL);
    return unused;
}

int main(void) {
    pthread_create(&worker, NULL, work, NULL);
    pthread_t other;
    pthread_create(&other, NULL, join, NULL);
    pthread_join(worker, NULL);
    pthread_join(other, NULL);
}
