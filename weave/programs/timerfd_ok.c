// An event loop waits with epoll for a timer, which counts its periods, and reads how many have
// passed. A timer that is stopped or closed fires no more.
// verdict: ok
// options: mode=random executions=300
#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int timer;
static int armed = 0;

static void* arm(void* unused) {
    armed = 1;
    const struct itimerspec setting = {.it_value = {1, 0}, .it_interval = {2, 0}};
    assert(timerfd_settime(timer, 0, &setting, NULL) == 0);
    return unused;
}

int main(void) {
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const int loop = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    assert(epoll_ctl(loop, EPOLL_CTL_ADD, timer, &event) == 0);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t thread;
    pthread_create(&thread, NULL, arm, NULL);
    uint64_t periods = 0;
    while (periods < 3) {
        uint64_t passed = 0;
        assert(epoll_wait(loop, &event, 1, -1) == 1);
        assert(read(timer, &passed, sizeof passed) == sizeof passed && passed > 0);
        periods += passed;
    }
    assert(armed == 1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert(end.tv_sec - begin.tv_sec >= 5);
    pthread_join(thread, NULL);
    const struct itimerspec none = {0};
    struct itimerspec before;
    assert(timerfd_settime(timer, 0, &none, &before) == 0 && before.it_interval.tv_sec == 2);
    assert(epoll_wait(loop, &event, 1, 10000) == 0);
    const struct itimerspec again = {.it_value = {1, 0}, .it_interval = {1, 0}};
    assert(timerfd_settime(timer, 0, &again, NULL) == 0);
    close(timer);
    const struct timespec later = {10, 0};
    nanosleep(&later, NULL);
    return 0;
}
