// A weak compare-exchange of C11 that is taken for a strong one: it may fail though the value is
// the expected one.
// verdict: assertion
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static atomic_int owner = 0;

static void* work(void* unused) {
    (void)unused;
    int expected = 0;
    const bool is_taken = atomic_compare_exchange_weak(&owner, &expected, 1);
    assert(is_taken);
    return NULL;
}

int main(void) {
    pthread_t other;
    pthread_create(&other, NULL, work, NULL);
    pthread_join(other, NULL);
    return 0;
}
