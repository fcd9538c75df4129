// Two threads of C11 that count in the same variable, without any lock.
// verdict: data-race
// options: mode=random executions=20000
#include <stddef.h>
#include <threads.h>

static int count = 0;

static int work(void* unused) {
    (void)unused;
    ++count;
    return 0;
}

int main(void) {
    thrd_t other;
    thrd_create(&other, work, NULL);
    work(NULL);
    thrd_join(other, NULL);
    return 0;
}
