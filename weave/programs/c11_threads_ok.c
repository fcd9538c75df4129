// The threads of C11: two that need the same start, a message by a lock and a condition variable,
// an atomic count, and what each of them returns.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <threads.h>

static once_flag once = ONCE_FLAG_INIT;
static mtx_t mutex;
static cnd_t changed;
static atomic_int ended = 0;
static int start = 0;
static int arrived = 0;

static void prepare(void) { start += 10; }

static int work(void* number) {
    call_once(&once, prepare);
    assert(start == 10);
    mtx_lock(&mutex);
    ++arrived;
    cnd_signal(&changed);
    mtx_unlock(&mutex);
    atomic_fetch_add(&ended, 1);
    return *(const int*)number;
}

int main(void) {
    static int numbers[2] = {7, 8};
    thrd_t threads[2];
    mtx_init(&mutex, mtx_plain);
    cnd_init(&changed);
    for (int i = 0; i < 2; ++i) {
        const int created = thrd_create(&threads[i], work, &numbers[i]);
        assert(created == thrd_success);
    }
    mtx_lock(&mutex);
    while (arrived < 2) {
        cnd_wait(&changed, &mutex);
    }
    mtx_unlock(&mutex);
    for (int i = 0; i < 2; ++i) {
        int result = 0;
        const int joined = thrd_join(threads[i], &result);
        assert(joined == thrd_success && result == numbers[i]);
    }
    assert(atomic_load(&ended) == 2);
    cnd_destroy(&changed);
    mtx_destroy(&mutex);
    return 0;
}
