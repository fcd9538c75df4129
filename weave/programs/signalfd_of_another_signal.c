// A thread reads a signal from a descriptor, but another one is sent than those of its mask.
// verdict: deadlock
// options: mode=random executions=100
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int descriptor;

static void* receive(void* unused) {
    struct signalfd_siginfo info;
    assert(read(descriptor, &info, sizeof info) == sizeof info);
    return unused;
}

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    descriptor = signalfd(-1, &set, 0);
    sigaddset(&set, SIGUSR2);
    assert(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, receive, NULL);
    assert(kill(getpid(), SIGUSR2) == 0);
    pthread_join(thread, NULL);
    return 0;
}
