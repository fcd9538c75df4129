// A thread whose frame is larger than its stack, and jumps over the page below it.
// verdict: crash
// options: mode=random executions=5
#include <pthread.h>
#include <stddef.h>

static void* fill(void* unused) {
    volatile char frame[12 << 20];
    for (size_t i = 0; i < sizeof frame; i += 4096) {
        frame[i] = 1;
    }
    return frame[4096] == 1 ? unused : NULL;
}

int main(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, fill, NULL);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
