// Memory that one thread unmaps and another maps again, at the same address, is new memory.
// verdict: ok
// options: mode=random executions=500
#define _GNU_SOURCE
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

static void* use(void* unused) {
    char* memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory[0] = memory[8191] = 1;
    memory = mremap(memory, 8192, 4096, MREMAP_MAYMOVE);
    assert(memory[0] == 1);
    munmap(memory, 4096);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, use, NULL);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
