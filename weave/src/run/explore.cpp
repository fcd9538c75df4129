// The functions of weave.h, and the start of a whole program.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>

#include <weave/weave.h>
#include "model/spin.h"
#include "run/active.h"
#include "run/execution.h"
#include "run/search.h"

namespace weave {

namespace {

WEAVE_KEPT uint64_t deepest_backlog = 0;

// Set in the environment of a process that is started anew, by the process before it.
constexpr char explores_constructors_name[] = "WEAVE_EXPLORES_CONSTRUCTORS";
WEAVE_KEPT bool explores_constructors = false;
WEAVE_KEPT char** start_arguments = nullptr;

/// For tests and fuzz targets.
class Listener final : public Watcher {
  public:
    Listener(const std::function<void()>& before, const std::function<void(Verdict)>& after)
        : before_(before), after_(after) {}

    void before_execution(bool) override {
        if (before_) {
            before_();
        }
    }
    void before_report() override {}
    void after_execution(Verdict verdict, int) override {
        if (after_ != nullptr) {
            after_(verdict);
        }
    }

  private:
    const std::function<void()>& before_;
    const std::function<void(Verdict)>& after_;
};

}  // namespace

const char* name_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::data_race:
            return "data-race";
        case Verdict::assertion:
            return "assertion";
        case Verdict::crash:
            return "crash";
        case Verdict::deadlock:
            return "deadlock";
        case Verdict::livelock:
            return "livelock";
        case Verdict::use_after_free:
            return "use-after-free";
        case Verdict::double_free:
            return "double-free";
        case Verdict::leak:
            return "leak";
        case Verdict::out_of_bounds:
            return "out-of-bounds";
        case Verdict::uninitialized:
            return "uninitialized";
        case Verdict::limit:
            return "limit";
        case Verdict::unsupported:
            return "unsupported";
        case Verdict::exit_status:
            return "exit-status";
        case Verdict::unrepeatable:
            return "unrepeatable";
        case Verdict::judged:
            return "judged";
    }
    return "?";
}

const char* name_of(Mode mode) noexcept {
    switch (mode) {
        case Mode::mix:
            return "mix";
        case Mode::random:
            return "random";
        case Mode::pct:
            return "pct";
        case Mode::pos:
            return "pos";
        case Mode::surw:
            return "surw";
        case Mode::delay:
            return "delay";
        case Mode::starve:
            return "starve";
        case Mode::pctwm:
            return "pctwm";
        case Mode::exhaustive:
            return "exhaustive";
        case Mode::dfs:
            return "dfs";
        case Mode::bytes:
            return "bytes";
    }
    return "?";
}

bool is_active() noexcept { return active != nullptr; }

uint32_t read_clock(uint32_t* known, uint32_t count) noexcept {
    WEAVE_CHECK(active != nullptr && count <= threads_max, count);
    active->tells_twins_apart("a thread that reads its clock");
    const Thread& thread = active->current();
    for (uint32_t i = 0; i < count; ++i) {
        known[i] = thread.clock.happens_before(i);
    }
    return thread.id;
}

__attribute__((noinline)) static void trace_mark(uint64_t number, bool is_ordered) {
    Event event{};
    event.kind = Event::Kind::mark;
    event.address = is_ordered ? Event::address_of_marks : 0;
    event.value = number;
    active->trace(event);
}

void mark(uint64_t number, bool is_ordered) noexcept {
    WEAVE_CHECK(active != nullptr, number);
    trace_mark(number, is_ordered);
    // In any case: a traced execution would leave something else than one that is not traced, and
    // a loop would seem to repeat itself in one of them only.
    clear_below();
}

void backlog(uint64_t depth) noexcept {
    if (depth > deepest_backlog) {
        deepest_backlog = depth;
    }
}

Result explore(const Options& options, const std::function<void()>& body,
               const std::function<void(Verdict)>& after) {
    Search in_test;
    Listener listener(options.before, after);
    return search(options, in_test, body, listener);
}

uint64_t take_deepest_backlog() { return std::exchange(deepest_backlog, 0); }

void begin_start(char** arguments, char** environment) {
    starting = &the_execution();
    start_arguments = arguments;
    // The C library does not know the environment yet.
    for (char** word = environment; *word != nullptr; ++word) {
        explores_constructors |= std::string_view(*word).starts_with(explores_constructors_name);
    }
}

bool are_constructors_explored() {
    unsetenv(explores_constructors_name);
    return explores_constructors;
}

void explore_constructors() {
    if (explores_constructors) {
        return;
    }
    setenv(explores_constructors_name, "1", 1);
    execv("/proc/self/exe", start_arguments);
    refuse_start("a thread is started before main(), and the process cannot start anew");
}

void end_start() {
    check_start();
    starting->keep_start();
    starting = nullptr;
}

void refuse_start(const char* what) {
    std::fprintf(stderr,
                 "weave: FINDING unsupported: %s\n"
                 "weave: unsupported executions=0 complete=no seconds=0.00 optimised=no\n",
                 what);
    constexpr int exit_undecided = 65;
    std::_Exit(exit_undecided);
}

}  // namespace weave
