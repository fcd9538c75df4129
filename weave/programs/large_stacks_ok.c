// Threads with large stacks, of which each touches a few bytes of many pages.
// verdict: ok
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

enum { threads = 2, size = 12 << 20, page = 4096 };

static void* fill(void* number) {
    volatile char bytes[size];
    const char mine = *(char*)number;
    for (int i = 0; i < size; i += page) {
        bytes[i] = mine;
    }
    sched_yield();
    for (int i = 0; i < size; i += page) {
        assert(bytes[i] == mine);
    }
    return NULL;
}

int main(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 2 * size);
    pthread_t all[threads];
    char numbers[threads];
    for (int i = 0; i < threads; ++i) {
        numbers[i] = (char)(i + 1);
        pthread_create(&all[i], &attributes, fill, &numbers[i]);
    }
    for (int i = 0; i < threads; ++i) {
        pthread_join(all[i], NULL);
    }
}
