#include "watchdog.h"

#include <sys/time.h>
#include <csignal>

#include "execution.h"

namespace weave {

namespace {

WEAVE_KEPT uint64_t last_step = 0;
WEAVE_KEPT uint32_t last_execution = 0;

/// Twice in a time without a step: the first time it may just have begun.
void on_timer(int) {
    if (active == nullptr) {
        return;
    }
    if (last_step != active->steps() || last_execution != active->number()) {
        last_step = active->steps();
        last_execution = active->number();
        return;
    }
    active->fail(Verdict::limit, 0, "thread %u has run for %d seconds without a choice point",
                 active->current().id, Watchdog::seconds);
}

void set_timer(int seconds) {
    const itimerval every{{seconds, 0}, {seconds, 0}};
    setitimer(ITIMER_VIRTUAL, &every, nullptr);
}

}  // namespace

Watchdog::Watchdog() {
    struct sigaction action{};
    action.sa_handler = on_timer;
    // The handler may leave by a jump to another stack.
    action.sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESTART;
    sigaction(SIGVTALRM, &action, nullptr);
    set_timer(seconds);
}

Watchdog::~Watchdog() { set_timer(0); }

}  // namespace weave
