// Threads with stacks of 24 MiB, of which each uses 20 in one frame.
// verdict: ok
// options: mode=random executions=5
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

enum { used = 20 << 20 };

static void* fill(void* mark) {
    volatile char frame[used];
    for (size_t i = 0; i < used; i += 4096) {
        frame[i] = *(const char*)mark;
    }
    sched_yield();
    for (size_t i = 0; i < used; i += 4096) {
        assert(frame[i] == *(const char*)mark);
    }
    return NULL;
}

int main(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 24 << 20);
    char marks[2] = {'a', 'b'};
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], &attributes, fill, &marks[i]);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
