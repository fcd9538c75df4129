// A hazard pointer whose reader has a compiler barrier only: the reclaimer's membarrier() is a
// fence of both.
// verdict: ok
// options: mode=random executions=3000
#include <assert.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0) {
        return 0;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, reader, NULL);
    atomic_store_explicit(&is_removed, 1, memory_order_relaxed);
    assert(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0);
    const int is_seen = atomic_load_explicit(&is_protected, memory_order_relaxed);
    pthread_join(thread, NULL);
    assert(!has_read || is_seen);
    return 0;
}
