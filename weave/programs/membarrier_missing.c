// The same hazard pointer without the membarrier().
// verdict: assertion
// options: mode=random executions=3000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int is_protected;
static atomic_int is_removed;
static int has_read;

static void* reader(void* unused) {
    atomic_store_explicit(&is_protected, 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    has_read = !atomic_load_explicit(&is_removed, memory_order_relaxed);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, reader, NULL);
    atomic_store_explicit(&is_removed, 1, memory_order_relaxed);
    const int is_seen = atomic_load_explicit(&is_protected, memory_order_relaxed);
    pthread_join(thread, NULL);
    assert(!has_read || is_seen);
    return 0;
}
