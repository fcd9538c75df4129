// The loop over executions, and what ends it.
#include "run/search.h"

#include <ctime>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "model/sites.h"
#include "report/schedule.h"
#include "report/suppressions.h"
#include "run/choosers/follow.h"
#include "run/choosers/make.h"
#include "run/choosers/replay.h"
#include "run/execution.h"
#include "run/explain.h"
#include "run/image.h"
#include "run/operations.h"
#include "run/rerun.h"
#include "run/sight.h"
#include "run/system.h"
#include "run/uncaught.h"
#include "run/watchdog.h"

namespace weave {

namespace {

double seconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Does the mode look at what each thread does next? Then a new thread has to show it.
bool ranks_operations(Mode mode) {
    return mode == Mode::mix || mode == Mode::pos || mode == Mode::surw || mode == Mode::delay ||
           mode == Mode::pctwm;
}

Settings settings_of(const Options& options) {
    Settings settings;
    settings.memory = options.memory;
    settings.steps_max = options.steps_max;
    settings.spurious_wakeups = options.spurious_wakeups;
    settings.reuses_memory =
        options.reuses_memory && options.mode != Mode::exhaustive && options.mode != Mode::dfs;
    settings.finds_leaks = options.finds_leaks;
    settings.plain_choice_points = options.plain_choice_points;
    settings.finds_races = options.finds_races;
    settings.stops_at_start = ranks_operations(options.mode);
    settings.status_is_finding = options.status == StatusRule::any;
    return settings;
}

// An execution that ends at a bound says nothing, and another one may still have a finding. After
// this many of them the program is taken for one that always ends there.
constexpr uint64_t undecided_max = 16;

bool is_finding(Verdict verdict) {
    return verdict != Verdict::ok && verdict != Verdict::limit && verdict != Verdict::unsupported &&
           verdict != Verdict::unrepeatable;
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
          suppressions_(options.suppressions),
          body_{function, watcher, {}} {
        settings_.is_program = search.is_program;
        if (options.replay.empty()) {
            chooser_ = make_chooser(options);
        } else if (uint64_t program = 0;
                   parse_schedule(options.replay, settings_, replayed_, program)) {
            if (program != image_identity()) {
                throw WrongSchedule("Options::replay is a schedule of another program or build");
            }
            chooser_ = std::make_unique<ReplayChooser>(replayed_.data(), replayed_.size());
            executions_max_ = 1;
        } else {
            throw std::invalid_argument("Options::replay is not a schedule of weave");
        }
        take_deepest_backlog();
        result_.steps_min = ~uint64_t{0};
    }

    Result run() {
        const double begin = seconds_now();
        std::optional<Watchdog> watchdog;
        if (search_.is_program) {
            watchdog.emplace();
        }
#ifdef _LIBCPP_VERSION
        // libc++ makes it when it is first needed, which must not be in the first execution only.
        std::__thread_local_data();
#endif
        if (options_.restores_variables) {
            body_.variables.emplace();
            keep_system();
        }
        if (!options_.recall.empty()) {
            recall();
            executions_max_ = result_.executions;
        }
        while (executions_max_ == 0 || result_.executions < executions_max_) {
            if (!chooser_->begin()) {
                result_.is_complete = chooser_->is_complete() && undecided_ == 0;
                break;
            }
            const Verdict verdict = run_one();
            undecided_ += verdict == Verdict::ok || is_finding(verdict) ? 0 : 1;
            if ((is_finding(verdict) && !options_.continues) || undecided_ == undecided_max ||
                Watchdog::has_fired() || watcher_.wants_end()) {
                break;
            }
            if (options_.seconds > 0 && seconds_now() - begin >= options_.seconds) {
                break;
            }
        }
        check_repeats();
        if (search_.is_traced && result_.verdict == Verdict::ok && result_.executions != 0) {
            search_.trace = describe(execution_, settings_, body_).report;
        }
        watcher_.before_report();
        result_.seconds = seconds_now() - begin;
        result_.limitation = chooser_->limitation() == nullptr ? "" : chooser_->limitation();
        result_.backlog_max = take_deepest_backlog();
        return result_;
    }

  private:
    /// Looks for the execution of Options::recall; a finding of another verdict does not count.
    void recall() {
        KeptOperations kept;
        if (!parse_operations(options_.recall, kept)) {
            throw std::invalid_argument("Options::recall is not a list of operations of weave");
        }
        Settings settings = settings_;
        settings.has_stacks = false;
        ExecutionSight sight(execution_);
        FollowChooser chooser(sight, kept.operations);
        const uint64_t executions = std::max<uint64_t>(executions_max_, 1);
        while (result_.executions < executions) {
            chooser.begin();
            const Verdict verdict =
                body_.execute(execution_, settings, chooser, /*is_traced=*/true);
            ++result_.executions;
            result_.steps += execution_.steps();
            result_.steps_min = std::min(result_.steps_min, execution_.steps());
            if (name_of(verdict) == kept.verdict) {
                keep(verdict, settings_);
                return;
            }
        }
    }

    Verdict run_one() {
        Verdict verdict = execute();
        while (is_to_be_repeated(verdict)) {
            chooser_->repeat();
            if (!chooser_->begin()) {
                break;
            }
            verdict = execute();
        }
        chooser_->end(execution_.steps());
        if (verdict == Verdict::ok && chooser_->was_blocked()) {
            const uint64_t counted = chooser_->was_dropped() ? 0 : 1;
            result_.executions += counted;
            result_.blocked += counted;
            result_.steps += execution_.steps();
            return verdict;
        }
        Settings of_finding = settings_;
        if (first_.steps == 0) {
            first_ = outcome_of(execution_);
            settings_of_first_ = settings_;
        }
        if (verdict == Verdict::ok && has_new_status()) {
            of_finding = settings_with_status_;
            of_finding.status_is_finding = true;
            verdict = replay(execution_, of_finding, body_, with_status_.choices);
        }
        if (is_race_with_free(execution_.facts())) {
            verdict = look_for_use_after_free(execution_, of_finding, body_);
        }
        ++result_.executions;
        WEAVE_CHECK(static_cast<size_t>(verdict) < std::size(result_.count), verdict);
        ++result_.count[static_cast<size_t>(verdict)];
        result_.steps += execution_.steps();
        result_.threads_max = std::max<uint64_t>(result_.threads_max, execution_.threads.count());
        result_.steps_min = std::min(result_.steps_min, execution_.steps());
        watcher_.after_execution(verdict, execution_.exits.status());
        const bool is_first =
            result_.verdict == Verdict::ok || (is_finding(verdict) && !is_finding(result_.verdict));
        if (verdict != Verdict::ok && is_first) {
            keep(verdict, of_finding);
        }
        return verdict;
    }

    Verdict execute() {
        // A replay keeps what its schedule says.
        if (options_.replay.empty()) {
            settings_.all_turns = chooser_->graph() != nullptr;
        }
        return body_.execute(execution_, settings_, *chooser_);
    }

    /// Does the last execution not count, because the next one is the same and gets further?
    bool is_to_be_repeated(Verdict verdict) {
        if (chooser_->wants_repeat()) {
            return true;
        }
        if (execution_.needs_more_threads()) {
            thread_words = thread_words_max;
            return true;
        }
        return is_suppressed(verdict);
    }

    /// Is a finding to be left out? Then no later execution stops at it.
    bool is_suppressed(Verdict verdict) {
        if (suppressions_.is_empty() ||
            (verdict != Verdict::data_race && verdict != Verdict::leak)) {
            return false;
        }
        const Outcome found = outcome_of(execution_);
        if (replay(execution_, settings_, body_, found.choices, /*is_traced=*/true) != verdict ||
            !suppressions_.match(execution_.facts())) {
            // The execution as the search knows it.
            replay(execution_, settings_, body_, found.choices);
            return false;
        }
        const Facts& facts = execution_.facts();
        if (verdict == Verdict::data_race) {
            execution_.ignore(facts.accesses[0].pc, facts.accesses[1].pc);
        } else {
            execution_.ignore(0, facts.pc);
        }
        return true;
    }

    /// Has the program now ended with 0 and with another status?
    bool has_new_status() {
        const bool had_both = has_ended_well_ && with_status_.status != 0;
        if (execution_.exits.status() == 0) {
            has_ended_well_ = true;
        } else if (with_status_.status == 0) {
            with_status_ = outcome_of(execution_);
            settings_with_status_ = settings_;
        }
        return options_.status == StatusRule::differs && !had_both && has_ended_well_ &&
               with_status_.status != 0;
    }

    /// A search proves nothing if something outlives an execution: then the choices of the first
    /// one do not give it again.
    void check_repeats() {
        if (result_.verdict != Verdict::ok) {
            return;
        }
        std::string what;
        if (chooser_->has_diverged()) {
            what = "the same choices led to another place than before";
        } else if (search_.is_program && first_.steps != 0 &&
                   (result_.executions > 1 || result_.is_complete)) {
            replay(execution_, settings_of_first_, body_, first_.choices);
            const Outcome again = outcome_of(execution_);
            if (again != first_) {
                what = "the choices of execution 1 do not give it again: it took " +
                       std::to_string(first_.steps) + " steps and ended with status " +
                       std::to_string(first_.status) + ", and now " + std::to_string(again.steps) +
                       " and " + std::to_string(again.status);
            }
        }
        if (what.empty()) {
            return;
        }
        result_.verdict = Verdict::unrepeatable;
        result_.is_complete = false;
        result_.finding.what = "unrepeatable: " + what;
        result_.finding.report =
            "weave: " + result_.finding.what +
            "\n  the program depends on something that outlives an execution, such as a file, a "
            "variable of a shared library, or the time\n";
        watcher_.before_report();
        if (!options_.is_quiet) {
            std::fputs(result_.finding.report.c_str(), stderr);
        }
    }

    void keep(Verdict verdict, const Settings& settings) {
        WEAVE_CHECK(verdict != Verdict::ok && result_.executions != 0, result_.executions);
        result_.verdict = verdict;
        result_.first_finding = result_.executions;
        if (is_finding(verdict)) {
            result_.found_by = chooser_->share().mode;
            result_.found_after = chooser_->share().executions;
        }
        if (options_.is_quiet && options_.continues) {
            return;
        }
        if (options_.explain == Explain::nothing || !is_finding(verdict)) {
            result_.finding = describe(execution_, settings, body_);
        } else {
            const Explanation why = explain(execution_, settings, body_, Effort{});
            result_.finding = describe(execution_, why.settings, body_, &why,
                                       options_.explain == Explain::all_events);
        }
        if (result_.finding.schedule.empty()) {
            result_.verdict = Verdict::unrepeatable;
        }
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
    const Suppressions suppressions_;
    Body body_;
    std::vector<uint8_t> replayed_;
    std::unique_ptr<Chooser> chooser_;
    uint64_t executions_max_ = options_.executions;
    uint64_t undecided_ = 0;
    Outcome first_;
    Settings settings_of_first_;
    Settings settings_with_status_;
    Outcome with_status_;  ///< an execution that ended with a status other than 0
    bool has_ended_well_ = false;
    Result result_;
};

}  // namespace

Execution& the_execution() {
    static Execution* const execution = new (reserve(sizeof(Execution))) Execution;
    return *execution;
}

Result search(const Options& options, Search& search, const std::function<void()>& body,
              Watcher& watcher) {
    if (active != nullptr) {
        die("explore() was called inside an execution");
    }
    set_host_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
    const TerminateHandler terminate;
    watch_sites();
    const Result result = Exploration(options, search, body, watcher).run();
    write_sites();
    return result;
}

}  // namespace weave
