// Two threads, each of which runs a coroutine on a stack of its own, where it takes a lock and spins.
// verdict: ok
// options: mode=random executions=500
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>

enum { stack_size = 1 << 16 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int arrived;
static int sum = 0;

static void coroutine(void) {
    pthread_mutex_lock(&mutex);
    ++sum;
    pthread_mutex_unlock(&mutex);
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < 2) {
    }
}

static void* work(void* unused) {
    ucontext_t own;
    ucontext_t other;
    getcontext(&other);
    other.uc_stack.ss_sp = malloc(stack_size);
    other.uc_stack.ss_size = stack_size;
    other.uc_link = &own;
    makecontext(&other, coroutine, 0);
    swapcontext(&own, &other);
    free(other.uc_stack.ss_sp);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    work(NULL);
    pthread_join(thread, NULL);
    assert(sum == 2);
    return 0;
}
