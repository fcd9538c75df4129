// The loop of executions, and what becomes of a finding.
#include <cxxabi.h>

#include <cstring>
#include <ctime>
#include <exception>
#include <optional>
#include <stdexcept>
#include <typeinfo>

#include <weave/weave.h>
#include "choosers.h"
#include "execution.h"
#include "image.h"
#include "report.h"

namespace weave {

namespace {

/// One for the process: its tables are large, and kept.
Execution& the_execution() {
    static Execution* const execution = new (reserve(sizeof(Execution))) Execution;
    return *execution;
}

WEAVE_KEPT uint64_t deepest_backlog = 0;

double seconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

[[noreturn]] void on_terminate() {
    if (active == nullptr) {
        std::abort();
    }
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) {
        active->fail(Verdict::assertion, 0, "std::terminate() was called");
    }
    // Looks at the exception by its type alone: what() is the program's own code.
    active->fail(Verdict::crash, 0, "an exception of type %s is not caught", type->name());
}

class TerminateHandler {
  public:
    TerminateHandler() : before_(std::set_terminate(on_terminate)) {}
    TerminateHandler(const TerminateHandler&) = delete;
    TerminateHandler& operator=(const TerminateHandler&) = delete;
    ~TerminateHandler() { std::set_terminate(before_); }

  private:
    const std::terminate_handler before_;
};

Settings settings_of(const Options& options) {
    Settings settings;
    settings.memory = options.memory;
    settings.steps_max = options.steps_max;
    settings.spurious_wakeups = options.spurious_wakeups;
    settings.reuses_memory = options.reuses_memory && options.mode != Mode::exhaustive;
    settings.finds_leaks = options.finds_leaks;
    settings.plain_choice_points = options.plain_choice_points;
    return settings;
}

/// What is explored, and the program's variables from which each execution begins.
struct Body {
    const std::function<void()>& function;
    std::optional<ImageSnapshot> variables;

    static void run(void* self) { static_cast<const Body*>(self)->function(); }

    Verdict execute(Execution& execution, const Settings& settings, Chooser& chooser,
                    bool is_traced) {
        if (variables) {
            variables->restore();
        }
        return execution.run(settings, chooser, is_traced, run, this);
    }
};

/// A free that is not ordered behind an access may come before it as well: then the finding is a
/// use after free, and the execution that shows it is the one to keep.
Verdict look_for_use_after_free(Execution& execution, Settings& settings, Body& body) {
    const Facts race = execution.facts();
    const std::vector<uint8_t> choices(execution.choices().begin(), execution.choices().end());
    HoldBackChooser hold_back(choices.data(), choices.size(), race.accesses[0].step,
                              race.accesses[0].thread);
    hold_back.begin();
    settings.held_thread = race.accesses[0].thread;
    settings.held_step = race.accesses[0].step;
    if (body.execute(execution, settings, hold_back, false) == Verdict::use_after_free) {
        return Verdict::use_after_free;
    }
    settings.held_step = Settings::nothing_held;
    ReplayChooser replay(choices.data(), choices.size());
    replay.begin();
    return body.execute(execution, settings, replay, false);
}

bool is_race_with_free(const Facts& facts) {
    return facts.verdict == Verdict::data_race && facts.accesses[1].is_free;
}

/// Runs the execution of a finding once more, with its timeline.
Finding describe(Execution& execution, const Settings& settings, Body& body) {
    const Facts found = execution.facts();
    const std::vector<uint8_t> choices(execution.choices().begin(), execution.choices().end());
    Finding finding;
    finding.what = std::string(name_of(found.verdict)) + ": " + found.what;
    finding.schedule = schedule_text(settings, choices.data(), choices.size());
    ReplayChooser replay(choices.data(), choices.size());
    replay.begin();
    const Verdict again = body.execute(execution, settings, replay, true);
    if (again != found.verdict) {
        finding.report = "weave: FINDING " + finding.what + "\n  the same schedule now gives " +
                         name_of(again) +
                         ": the program depends on something else than its schedule\n";
    } else {
        finding.report = report_text(execution);
    }
    return finding;
}

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
    }
    return "?";
}

bool is_active() noexcept { return active != nullptr; }

void backlog(uint64_t depth) noexcept {
    if (depth > deepest_backlog) {
        deepest_backlog = depth;
    }
}

Result explore(const Options& options, const std::function<void()>& function,
               const std::function<void(Verdict)>& after) {
    if (active != nullptr) {
        die("explore() was called inside an execution");
    }
    Execution& execution = the_execution();
    set_host_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    const TerminateHandler terminate;
    Settings settings = settings_of(options);
    Body body{function, {}};
    Result result;
    deepest_backlog = 0;

    std::vector<uint8_t> choices;
    std::unique_ptr<Chooser> chooser;
    if (!options.replay.empty()) {
        if (!parse_schedule(options.replay, settings, choices)) {
            throw std::invalid_argument("Options::replay is not a schedule of weave's");
        }
        chooser = std::make_unique<ReplayChooser>(choices.data(), choices.size());
    } else {
        chooser = make_chooser(options);
    }
    const uint64_t executions_max = options.replay.empty() ? options.executions : 1;
    const double begin = seconds_now();
    if (options.restores_variables) {
        body.variables.emplace();
    }
    result.steps_min = ~uint64_t{0};
    for (;;) {
        if (executions_max != 0 && result.executions == executions_max) {
            break;
        }
        if (!chooser->begin()) {
            result.is_complete = chooser->is_complete();
            break;
        }
        Verdict verdict = body.execute(execution, settings, *chooser, false);
        chooser->end(execution.steps());
        Settings of_finding = settings;
        if (is_race_with_free(execution.facts())) {
            verdict = look_for_use_after_free(execution, of_finding, body);
        }
        ++result.executions;
        ++result.count[static_cast<size_t>(verdict)];
        result.steps += execution.steps();
        result.steps_min = std::min(result.steps_min, execution.steps());
        if (after != nullptr) {
            after(verdict);
        }
        if (verdict != Verdict::ok && result.verdict == Verdict::ok) {
            result.verdict = verdict;
            result.first_finding = result.executions;
            if (!options.is_quiet || !options.continues) {
                result.finding = describe(execution, of_finding, body);
            }
            if (!options.is_quiet) {
                std::fputs(result.finding.report.c_str(), stderr);
            }
        }
        if (verdict != Verdict::ok && !options.continues) {
            break;
        }
        if (options.seconds > 0 && seconds_now() - begin >= options.seconds) {
            break;
        }
    }
    result.seconds = seconds_now() - begin;
    result.backlog_max = deepest_backlog;
    return result;
}

}  // namespace weave
