// A thread gets a blocked signal from a descriptor, first by poll and then by read; what happens
// before the signal is sent happens before what follows the read.
// verdict: ok
// options: mode=random executions=500
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int descriptor;
static int message = 0;

static void* receive(void* unused) {
    struct pollfd asked = {.fd = descriptor, .events = POLLIN};
    assert(poll(&asked, 1, -1) == 1);
    struct signalfd_siginfo info;
    assert(read(descriptor, &info, sizeof info) == sizeof info);
    assert(info.ssi_signo == SIGUSR1 && info.ssi_int == 42 && message == 1);
    assert(read(descriptor, &info, sizeof info) == -1 && errno == EAGAIN);
    return unused;
}

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    assert(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    descriptor = signalfd(-1, &set, SFD_NONBLOCK);
    assert(descriptor >= 0);
    pthread_t thread;
    pthread_create(&thread, NULL, receive, NULL);
    message = 1;
    assert(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42}) == 0);
    pthread_join(thread, NULL);
    return 0;
}
