// A thread takes the signals of the process with sigwait(), and another sleeps in pause() until its
// handler has run.
// verdict: ok
// options: mode=random executions=1000
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static sigset_t terminations;
static pthread_t sleeper_thread;

static void on_signal(int number) { assert(number == SIGUSR1); }

static void* take(void* unused) {
    int number = 0;
    assert(sigwait(&terminations, &number) == 0 && number == SIGTERM);
    return unused;
}

static void* sleep_until_signal(void* set) {
    assert(sigsuspend(set) == -1 && errno == EINTR);
    return NULL;
}

int main(void) {
    signal(SIGUSR1, on_signal);
    sigemptyset(&terminations);
    sigaddset(&terminations, SIGTERM);
    sigaddset(&terminations, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &terminations, NULL);
    sigdelset(&terminations, SIGUSR1);
    pthread_t taker;
    pthread_create(&taker, NULL, take, NULL);
    pthread_create(&sleeper_thread, NULL, sleep_until_signal, &terminations);
    kill(getpid(), SIGTERM);
    pthread_kill(sleeper_thread, SIGUSR1);
    pthread_join(taker, NULL);
    pthread_join(sleeper_thread, NULL);
    return 0;
}
