// A handler, which runs on any thread, counts in a plain variable that the main thread reads.
// verdict: data-race
// options: mode=random executions=1000
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static int count = 0;

static void on_signal(int number) { count += number == SIGUSR1; }

static void* run(void* unused) {
    raise(SIGUSR1);
    return unused;
}

int main(void) {
    signal(SIGUSR1, on_signal);
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    const volatile int seen = count;
    pthread_join(thread, NULL);
    return seen == 2;
}
