// weave as a library: a signal handler of the exploring process, such as a fuzzer's for its time
// limit, interrupts an execution and is not part of it. Exits with 0 if the handler saw the
// system's clock, and the execution its own afterwards.
#include <csignal>
#include <cstdio>
#include <ctime>

#include <weave/weave.h>

namespace {

time_t seen_by_handler;
time_t seen_afterwards;

time_t seconds_now() {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

bool check(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
    }
    return holds;
}

}  // namespace

int main() {
    struct sigaction action{};
    action.sa_handler = [](int) { seen_by_handler = seconds_now(); };
    sigaction(SIGALRM, &action, nullptr);
    const time_t before = seconds_now();

    weave::Options options;
    options.executions = 1;
    weave::explore(options, [] {
        std::raise(SIGALRM);
        seen_afterwards = seconds_now();
    });

    struct sigaction own{};
    sigaction(SIGALRM, nullptr, &own);
    const bool holds[] = {
        check(seen_by_handler >= before, "the handler sees the system's clock"),
        check(seen_afterwards < before, "the execution continues with its own clock"),
        check(own.sa_handler == action.sa_handler, "the handler is what was installed")};
    return holds[0] && holds[1] && holds[2] ? 0 : 1;
}
