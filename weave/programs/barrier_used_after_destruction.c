// A barrier that the first thread to pass destroys, and another round of it.
// verdict: assertion
// options: mode=random executions=10
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t barrier;

int main(void) {
    pthread_barrier_init(&barrier, NULL, 1);
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        pthread_barrier_destroy(&barrier);
    }
    pthread_barrier_wait(&barrier);
    return 0;
}
