// The loop of executions, and what becomes of a finding.
#include <cxxabi.h>

#include <cstring>
#include <ctime>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <typeinfo>

#include <weave/weave.h>
#include "run/choosers/hold_back.h"
#include "run/choosers/make.h"
#include "run/choosers/replay.h"
#include "run/execution.h"
#include "run/fiber.h"
#include "run/image.h"
#include "report/report.h"
#include "run/search.h"
#include "run/watchdog.h"

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

[[noreturn]] void fail_uncaught(const std::type_info& type, const char* what) {
    Execution& execution = *active;
    // The demangler allocates.
    active = nullptr;
    int status;
    char* const readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
    char name[200];
    std::snprintf(name, sizeof name, "%s", readable == nullptr ? type.name() : readable);
    std::free(readable);
    active = &execution;
    execution.fail(Verdict::crash, 0, "an exception of type %s is not caught%s%s", name,
                   what == nullptr ? "" : ": ", what == nullptr ? "" : what);
}

[[noreturn]] void on_terminate() {
    if (active == nullptr) {
        std::abort();
    }
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) {
        active->fail(Verdict::assertion, 0, "std::terminate() was called");
    }
    try {
        throw;
    } catch (const std::exception& exception) {
        fail_uncaught(*type, exception.what());
    } catch (...) {
        fail_uncaught(*type, nullptr);
    }
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
    Watcher& watcher;
    std::optional<ImageSnapshot> variables;

    static void run(void* self) { static_cast<const Body*>(self)->function(); }

    Verdict execute(Execution& execution, const Settings& settings, Chooser& chooser,
                    bool is_traced = false) {
        if (variables) {
            variables->restore();
        }
        watcher.before_execution(is_traced);
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
    if (body.execute(execution, settings, hold_back) == Verdict::use_after_free) {
        return Verdict::use_after_free;
    }
    settings.held_step = Settings::nothing_held;
    ReplayChooser replay(choices.data(), choices.size());
    replay.begin();
    return body.execute(execution, settings, replay);
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
    const Verdict again = body.execute(execution, settings, replay, /*is_traced=*/true);
    if (again != found.verdict) {
        finding.report = "weave: FINDING " + finding.what + "\n  the same schedule now gives " +
                         name_of(again) +
                         ": the program depends on something else than its schedule\n";
    } else {
        finding.report = report_text(execution);
    }
    return finding;
}

/// For tests and fuzz targets.
class Listener final : public Watcher {
  public:
    explicit Listener(const std::function<void(Verdict)>& after) : after_(after) {}

    void before_execution(bool) override {}
    void before_report() override {}
    void after_execution(Verdict verdict, int) override {
        if (after_ != nullptr) {
            after_(verdict);
        }
    }

  private:
    const std::function<void(Verdict)>& after_;
};

// An execution that ends at a bound says nothing, and another one may still have a finding; but so
// many of them are a program that always ends there.
constexpr uint64_t undecided_max = 16;

bool is_finding(Verdict verdict) {
    return verdict != Verdict::ok && verdict != Verdict::limit && verdict != Verdict::unsupported;
}

/// One call of explore().
class Exploration {
  public:
    Exploration(const Options& options, Search& search, const std::function<void()>& function,
                Watcher& watcher)
        : options_(options),
          search_(search),
          watcher_(watcher),
          settings_(settings_of(options)),
          body_{function, watcher, {}} {
        settings_.is_program = search.is_program;
        if (options.replay.empty()) {
            chooser_ = make_chooser(options);
        } else if (parse_schedule(options.replay, settings_, replayed_)) {
            chooser_ = std::make_unique<ReplayChooser>(replayed_.data(), replayed_.size());
            executions_max_ = 1;
        } else {
            throw std::invalid_argument("Options::replay is not a schedule of weave's");
        }
        deepest_backlog = 0;
        result_.steps_min = ~uint64_t{0};
    }

    Result run() {
        const double begin = seconds_now();
        std::optional<Watchdog> watchdog;
        if (search_.is_program) {
            watchdog.emplace();
        }
#ifdef _LIBCPP_VERSION
        // Made when it is first needed, which is not to be in the first execution only.
        std::__thread_local_data();
#endif
        if (options_.restores_variables) {
            body_.variables.emplace();
        }
        while (executions_max_ == 0 || result_.executions < executions_max_) {
            if (!chooser_->begin()) {
                result_.is_complete = chooser_->is_complete() && undecided_ == 0;
                break;
            }
            const Verdict verdict = run_one();
            undecided_ += verdict == Verdict::ok || is_finding(verdict) ? 0 : 1;
            if ((is_finding(verdict) && !options_.continues) || undecided_ == undecided_max ||
                Watchdog::has_fired()) {
                break;
            }
            if (options_.seconds > 0 && seconds_now() - begin >= options_.seconds) {
                break;
            }
        }
        if (search_.is_traced && result_.verdict == Verdict::ok && result_.executions != 0) {
            search_.trace = describe(execution_, settings_, body_).report;
        }
        watcher_.before_report();
        result_.seconds = seconds_now() - begin;
        result_.backlog_max = deepest_backlog;
        return result_;
    }

  private:
    Verdict run_one() {
        Verdict verdict = body_.execute(execution_, settings_, *chooser_);
        chooser_->end(execution_.steps());
        Settings of_finding = settings_;
        if (is_race_with_free(execution_.facts())) {
            verdict = look_for_use_after_free(execution_, of_finding, body_);
        }
        ++result_.executions;
        ++result_.count[static_cast<size_t>(verdict)];
        result_.steps += execution_.steps();
        result_.steps_min = std::min(result_.steps_min, execution_.steps());
        watcher_.after_execution(verdict, execution_.exit_status());
        const bool is_first =
            result_.verdict == Verdict::ok || (is_finding(verdict) && !is_finding(result_.verdict));
        if (verdict != Verdict::ok && is_first) {
            keep(verdict, of_finding);
        }
        return verdict;
    }

    void keep(Verdict verdict, const Settings& settings) {
        result_.verdict = verdict;
        result_.first_finding = result_.executions;
        if (options_.is_quiet && options_.continues) {
            return;
        }
        result_.finding = describe(execution_, settings, body_);
        search_.trace = result_.finding.report;
        watcher_.before_report();
        if (!options_.is_quiet) {
            std::fputs(result_.finding.report.c_str(), stderr);
        }
    }

    const Options& options_;
    Search& search_;
    Watcher& watcher_;
    Execution& execution_ = the_execution();
    Settings settings_;
    Body body_;
    std::vector<uint8_t> replayed_;
    std::unique_ptr<Chooser> chooser_;
    uint64_t executions_max_ = options_.executions;
    uint64_t undecided_ = 0;
    Result result_;
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
    }
    return "?";
}

bool is_active() noexcept { return active != nullptr; }

void backlog(uint64_t depth) noexcept {
    if (depth > deepest_backlog) {
        deepest_backlog = depth;
    }
}

void begin_start() { starting = &the_execution(); }

void end_start() {
    check_start();
    starting->keep_start();
    starting = nullptr;
}

Result explore(const Options& options, const std::function<void()>& body,
               const std::function<void(Verdict)>& after) {
    Search in_test;
    Listener listener(after);
    return search(options, in_test, body, listener);
}

Result search(const Options& options, Search& search, const std::function<void()>& body,
              Watcher& watcher) {
    if (active != nullptr) {
        die("explore() was called inside an execution");
    }
    set_host_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    const TerminateHandler terminate;
    return Exploration(options, search, body, watcher).run();
}

}  // namespace weave
