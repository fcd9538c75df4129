// A thread that is cancelled while it sleeps: weave reports that it does not model that.
// verdict: unsupported
// options: mode=random executions=5000
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static void* work(void* unused) {
    for (;;) {
        usleep(10);
    }
    return unused;
}

int main(void) {
    pthread_t other;
    pthread_create(&other, NULL, work, NULL);
    pthread_cancel(other);
    void* result = NULL;
    pthread_join(other, &result);
    assert(result == PTHREAD_CANCELED);
    return 0;
}
