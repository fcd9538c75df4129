// A lock that takes the end of a FUTEX_WAIT for the end of the lock: futex(2) lets it return 0 for
// no reason.
// verdict: assertion
// options: mode=random executions=5000
#include <assert.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int is_ready;

static void* announce(void* unused) {
    atomic_store(&is_ready, 1);
    syscall(SYS_futex, &is_ready, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, announce, NULL);
    if (atomic_load(&is_ready) == 0) {
        syscall(SYS_futex, &is_ready, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
        assert(atomic_load(&is_ready) == 1);
    }
    pthread_join(thread, NULL);
    return 0;
}
