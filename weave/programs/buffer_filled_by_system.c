// read() fills a buffer while another thread looks at it.
// verdict: data-race
// options: mode=random executions=200
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static char buffer[16];
static int descriptors[2];

static void* fill(void* unused) {
    return read(descriptors[0], buffer, sizeof buffer) == 5 ? unused : NULL;
}

int main(void) {
    if (pipe(descriptors) != 0 || write(descriptors[1], "hello", 5) != 5) {
        return 1;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, fill, NULL);
    const volatile char first = buffer[0];
    pthread_join(thread, NULL);
    return first == 'x';
}
