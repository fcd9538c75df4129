// A timer of processor time. It asks whether the execution has made a step since it last fired.
#include "run/watchdog.h"

#include <sys/time.h>
#include <ucontext.h>
#include <csignal>

#include "run/execution.h"
#include "run/real.h"

namespace weave {

namespace {

WEAVE_KEPT uint64_t last_step = 0;
WEAVE_KEPT uint32_t last_execution = 0;
WEAVE_KEPT unsigned ended = 0;  ///< executions

/// Ends the execution at the second time without a step: at the first one the thread may just have
/// begun.
void on_timer(int, siginfo_t*, void* context) {
    if (active == nullptr) {
        return;
    }
    if (last_step != active->steps() || last_execution != active->number()) {
        last_step = active->steps();
        last_execution = active->number();
        return;
    }
    ++ended;
    const auto* const registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
    const uint32_t pc = pc_of(reinterpret_cast<const void*>(registers[REG_RIP] + 1));
    active->fail(Verdict::limit, pc, "thread %u has run for %d seconds without a choice point",
                 active->current().id, Watchdog::seconds);
}

void set_timer(int seconds) {
    const itimerval every{{seconds, 0}, {seconds, 0}};
    setitimer(ITIMER_VIRTUAL, &every, nullptr);
}

}  // namespace

Watchdog::Watchdog() {
    struct sigaction action{};
    action.sa_sigaction = on_timer;
    // The handler may leave by a jump to another stack.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
    WEAVE_REAL(sigaction)(SIGVTALRM, &action, nullptr);
    set_timer(seconds);
}

Watchdog::~Watchdog() { set_timer(0); }

unsigned Watchdog::ended_executions() { return ended; }

}  // namespace weave
