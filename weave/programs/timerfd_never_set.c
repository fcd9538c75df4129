// A thread reads from a timer that no thread has set.
// verdict: deadlock
// options: mode=random executions=10
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    uint64_t passed;
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    return timer >= 0 && read(timer, &passed, sizeof passed) == sizeof passed ? 0 : 1;
}
