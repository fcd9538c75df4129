// Memory that each thread keeps under a key of its own: the key's destructor frees it when the
// thread ends, before it is joined.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static pthread_key_t key;
static atomic_int freed = 0;

static void free_own(void* own) {
    free(own);
    atomic_fetch_add_explicit(&freed, 1, memory_order_relaxed);
}

static void* work(void* unused) {
    (void)unused;
    int* const own = malloc(sizeof *own);
    assert(own != NULL);
    *own = 7;
    pthread_setspecific(key, own);
    const int* const again = pthread_getspecific(key);
    assert(again == own && *again == 7);
    return NULL;
}

int main(void) {
    pthread_t threads[2];
    pthread_key_create(&key, free_own);
    for (int i = 0; i < 2; ++i) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 2; ++i) {
        pthread_join(threads[i], NULL);
    }
    assert(atomic_load_explicit(&freed, memory_order_relaxed) == 2);
    pthread_key_delete(key);
    return 0;
}
