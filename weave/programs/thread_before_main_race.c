// A thread that a constructor function has started races with main().
// verdict: data-race
// options: mode=random executions=1000
#include <pthread.h>

static pthread_t thread;
static int count;

static void* work(void* unused) {
    ++count;
    return unused;
}

__attribute__((constructor)) static void start(void) { pthread_create(&thread, 0, work, 0); }

int main(void) {
    ++count;
    return pthread_join(thread, 0);
}
