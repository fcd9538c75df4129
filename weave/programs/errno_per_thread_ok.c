// errno is each thread's own: a call that fails in one thread does not change what another reads,
// and the same is true of its address.
// verdict: ok
// options: mode=random executions=2000
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static void* fail(void* unused) {
    int* const own = &errno;
    *own = 0;
    assert(close(-1) == -1);
    sched_yield();
    assert(errno == EBADF && own == &errno);
    return unused;
}

static void* parse(void* unused) {
    errno = 0;
    const long number = strtol("99999999999999999999", NULL, 10);
    sched_yield();
    assert(errno == ERANGE && number > 0);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, fail, NULL);
    pthread_create(&threads[1], NULL, parse, NULL);
    errno = 7;
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(errno == 7);
    return 0;
}
