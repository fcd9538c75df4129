// Loops and waits that a timer ends: alarm(), setitimer() with an interval, and a timer that calls a
// function.
// verdict: ok
// options: mode=random executions=300
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_int alarms;
static sem_t called;

static void on_alarm(int number) {
    assert(number == SIGALRM);
    atomic_fetch_add(&alarms, 1);
}

static void on_time(union sigval value) {
    assert(value.sival_int == 7);
    sem_post(&called);
}

int main(void) {
    signal(SIGALRM, on_alarm);
    alarm(2);
    while (atomic_load(&alarms) < 1) {
    }
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &often, NULL);
    while (atomic_load(&alarms) < 3) {
        pause();
    }
    const struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    sem_init(&called, 0, 0);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD};
    event.sigev_value.sival_int = 7;
    event.sigev_notify_function = on_time;
    timer_t timer;
    assert(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    const struct itimerspec soon = {{0, 0}, {1, 0}};
    assert(timer_settime(timer, 0, &soon, NULL) == 0);
    sem_wait(&called);
    timer_delete(timer);
    return 0;
}
