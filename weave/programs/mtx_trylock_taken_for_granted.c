// mtx_trylock() of a mutex that no thread holds: C lets it fail (C17 7.26.4.5).
// verdict: assertion
// options: mode=random executions=1000
#include <assert.h>
#include <threads.h>

int main(void) {
    mtx_t mutex;
    assert(mtx_init(&mutex, mtx_plain) == thrd_success);
    assert(mtx_trylock(&mutex) == thrd_success);
    mtx_unlock(&mutex);
    mtx_destroy(&mutex);
    return 0;
}
