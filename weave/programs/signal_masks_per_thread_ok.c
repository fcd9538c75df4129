// Signal masks are each thread's own, and inherited: a signal to the process reaches the thread that
// does not block it.
// verdict: ok
// options: mode=random executions=1000
#define _GNU_SOURCE
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static pthread_t receiver;
static atomic_int seen;

static void on_signal(int number) {
    assert(number == SIGUSR1 && pthread_equal(pthread_self(), receiver));
    atomic_fetch_add(&seen, 1);
}

static void* receive(void* unused) {
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    assert(sigismember(&set, SIGUSR1) == 1);
    receiver = pthread_self();
    sigdelset(&set, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    while (atomic_load(&seen) == 0) {
    }
    return unused;
}

int main(void) {
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, receive, NULL);
    assert(kill(getpid(), SIGUSR1) == 0);
    pthread_join(thread, NULL);
    assert(atomic_load(&seen) == 1);
    return 0;
}
