// The loop over executions, and what ends it.
#include "run/search.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/sites.h"
#include "report/schedule.h"
#include "report/suppressions.h"
#include "run/accesses.h"
#include "run/bounds.h"
#include "run/choosers/follow.h"
#include "run/choosers/make.h"
#include "run/choosers/replay.h"
#include "run/estimate.h"
#include "run/execution.h"
#include "run/explain.h"
#include "run/image.h"
#include "run/leader.h"
#include "run/operations.h"
#include "run/pack.h"
#include "run/rerun.h"
#include "run/seconds.h"
#include "run/sight.h"
#include "run/state_file.h"
#include "run/system.h"
#include "run/uncaught.h"
#include "run/watchdog.h"

namespace weave {

namespace {

double seconds_now() { return seconds_of(CLOCK_MONOTONIC); }

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
// The same for those that the watchdog has ended, which take a second or two each.
constexpr unsigned stalled_max = 10;

// A search of fewer executions is not worth several processes, ...
constexpr uint64_t executions_alone = 100;
// ... nor is a part of fewer.
constexpr uint64_t executions_given = 200;

constexpr double seconds_between_states = 0.4;
constexpr double seconds_between_lines = 1;
constexpr double seconds_before_estimate = 1;
constexpr double seconds_for_estimate = 0.5;

/// A clock that costs little.
double seconds_nearly() { return seconds_of(CLOCK_MONOTONIC_COARSE); }

/// What tells the body of explore() from another one of the same program.
std::string identity_of(const std::function<void()>& body) {
    std::string text = body.target_type().name();
    if (const auto* const function = body.target<void (*)()>(); function != nullptr) {
        text += " " + std::to_string(reinterpret_cast<uintptr_t>(*function) - image_base());
    }
    return text;
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
          body_{function, options.judge, options.mark_text, watcher, {}},
          is_exhaustive_(options.replay.empty() && options.recall.empty() &&
                         (options.mode == Mode::exhaustive || options.mode == Mode::dfs)) {
        if (is_exhaustive_ && !options.state.empty()) {
            if (options.continues) {
                throw WrongState("state=" + options.state +
                                 ": not for a search that continues after a finding");
            }
            state_.emplace(options.state, options, search.arguments + identity_of(function));
        }
        if (options.judge && options.mode == Mode::exhaustive) {
            throw std::invalid_argument("Options::judge is not for Mode::exhaustive");
        }
        settings_.is_program = search.is_program;
        execution_.read_pairs.use(options.read_pairs, options.read_pairs_size);
        if (options.replay.empty()) {
            chooser_ = make_chooser(options, &sight_);
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
    }

    ~Exploration() { execution_.read_pairs.use(nullptr, 0); }
    Exploration(const Exploration&) = delete;
    Exploration& operator=(const Exploration&) = delete;

    Result run() {
        begin_ = seconds_now();
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
        } else if (is_exhaustive_ && options_.estimates) {
            only_estimate();
        } else {
            search_all();
        }
        check_repeats();
        if (search_.is_traced && tally_.numbers.verdict == Verdict::ok &&
            tally_.numbers.executions != 0) {
            search_.trace = describe(execution_, settings_, body_).report;
        }
        watcher_.before_report();
        fill_result();
        return result_;
    }

  private:
    /// An execution without a finding, to be run again.
    struct Sample {
        Outcome outcome;
        Settings settings;
        uint64_t number;
    };

    // ----- parts ---------------------------------------------------------------------------------

    /// Runs the parts of the search one after the other: there is only one, unless several
    /// processes have had it. At the end tally_ is that of all.
    void search_all() {
        if (state_) {
            load_state();
        }
        for (Part* part = parts_.next_open(); part != nullptr && end_ == End::finished;
             part = parts_.next_open()) {
            end_ = run_part(*part);
            if (end_ == End::splits) {
                end_ = run_crew();
            }
        }
        if (parts_.decider() != nullptr) {
            end_ = parts_.decider()->end;
        }
        tally_ = parts_.total();
        before_ = {};
        if (is_exhaustive_ && options_.shows_progress) {
            next_line_ = 0;
            show_progress(seconds_nearly(), tally_.numbers.executions, tally_.numbers.done);
        }
        judge_statuses();
        if (tally_.numbers.verdict != Verdict::ok && result_.first_finding != tally_.found.number) {
            replay(execution_, tally_.found.settings, body_, tally_.found.choices);
            keep(tally_.numbers.verdict, tally_.found.number, tally_.found.settings);
        }
        if (state_) {
            const bool is_over = end_ == End::finished || parts_.decider() != nullptr;
            is_over ? state_->remove() : state_->save(parts_.save());
        }
    }

    End run_part(Part& part) {
        before_ = {};
        for (const Part& earlier : parts_.all()) {
            if (&earlier == &part) {
                break;
            }
            before_.add(earlier.tally);
        }
        begin_part(part);
        const End end = explore_part();
        end_part(part, end);
        return end;
    }

    void begin_part(const Part& part) {
        part_ = part.id;
        tally_ = part.tally;
        if (!part.plan.empty()) {
            Unpacker unpacker(part.plan);
            chooser_->load(unpacker);
        }
        base_done_ = tally_.numbers.done;
        base_dropped_ = tally_.numbers.dropped;
    }

    void end_part(Part& part, End end) {
        part.is_over = end == End::finished || ends_all(end);
        part.ends_all = ends_all(end);
        part.end = end;
        part.plan = part.is_over ? "" : plan();
        part.tally = tally_;
    }

    static bool ends_all(End end) {
        return end == End::finding || end == End::undecided || end == End::stalled;
    }

    /// What is left of the part; empty if that is not known at this moment.
    std::string plan() {
        if (!chooser_->can_be_saved()) {
            return "";
        }
        Packer packer;
        chooser_->save(packer);
        count_progress();
        return packer.bytes();
    }

    /// The plan of a search that begins anew.
    std::string plan_of_all() {
        Packer packer;
        chooser_->save_anew(packer);
        return packer.bytes();
    }

    void count_progress() {
        tally_.numbers.done = base_done_ + chooser_->done();
        tally_.numbers.dropped = base_dropped_ + chooser_->dropped();
        tally_.numbers.backlog_max = std::max(tally_.numbers.backlog_max, take_deepest_backlog());
    }

    /// Runs executions until nothing is left of the part, or until something ends it.
    End explore_part() {
        for (;;) {
            if (executions_max_ != 0 && !may_run_another()) {
                return End::executions;
            }
            if (!chooser_->begin()) {
                if (budget_ != nullptr) {
                    budget_->fetch_sub(1);
                }
                count_progress();
                tally_.numbers.has_diverged |= chooser_->has_diverged();
                if (!chooser_->is_complete() && chooser_->graph() != nullptr) {
                    tally_.count_cut(Cut::findings, 0, 0, false);
                }
                return End::finished;
            }
            const Verdict verdict = run_one();
            if (begins_anew_) {
                begins_anew_ = false;
                return End::begins_anew;
            }
            ++executed_;
            check_sample(verdict);
            tally_.numbers.undecided += verdict == Verdict::ok || is_finding(verdict) ? 0 : 1;
            if (const End end = end_after(verdict); end != End::finished) {
                count_progress();
                return end;
            }
        }
    }

    bool may_run_another() {
        return budget_ == nullptr ? executed_ < executions_max_
                                  : budget_->fetch_add(1) < executions_max_;
    }

    /// Does something end the part after this execution?
    End end_after(Verdict verdict) {
        if (is_finding(verdict) && !options_.continues) {
            return End::finding;
        }
        if (!diverged_.empty()) {
            return End::undecided;
        }
        if (before_.numbers.undecided + tally_.numbers.undecided == undecided_max) {
            return End::undecided;
        }
        if (Watchdog::ended_executions() != 0) {
            if (is_exhaustive_ || Watchdog::ended_executions() >= stalled_max) {
                return End::stalled;
            }
            // A loop of plain accesses may wait for another thread. Now that one can run.
            settings_.plain_choice_points = true;
        }
        if (line_ != nullptr) {
            return talk();
        }
        if (watcher_.wants_end()) {
            return End::interrupted;
        }
        if (options_.seconds > 0 && seconds_now() - begin_ >= options_.seconds) {
            return End::seconds;
        }
        return is_exhaustive_ ? look_up() : End::finished;
    }

    /// What is due between two executions.
    End look_up() {
        if (options_.jobs > 1 && executed_ % executions_alone == 0 && chooser_->can_be_saved()) {
            return End::splits;
        }
        const double now = seconds_nearly();
        if (state_ && now >= next_state_ && chooser_->can_be_saved()) {
            next_state_ = now + seconds_between_states;
            Part& part = *parts_.find(part_);
            part.plan = plan();
            part.tally = tally_;
            state_->save(parts_.save());
        }
        if (shows_lines()) {
            count_progress();
            show_lines(now, before_.numbers.executions + tally_.numbers.executions,
                       before_.numbers.done + tally_.numbers.done);
        }
        return End::finished;
    }

    void load_state() {
        // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the caller has made it.
        const std::string content = state_->load();
        if (!content.empty()) {
            try {
                parts_.load(content);
                base_of_run_ = parts_.total().numbers;
            } catch (const std::runtime_error&) {
                throw WrongState("state=" + options_.state + ": is damaged");
            }
        }
    }

    // ----- several processes ---------------------------------------------------------------------

    /// The rest of the search, by several processes.
    End run_crew() {
        if (budget_ == nullptr) {
            budget_ =
                new (mmap(nullptr, sizeof *budget_, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<uint64_t>(executed_);
        }
        Leader leader(
            parts_, std::min<uint32_t>(options_.jobs, 512), [this](Line& line) { work(line); },
            [this](const Leader& all) { return tick(all); });
        const End end = leader.run();
        Part* const decider = parts_.decider();
        if (decider == nullptr || decider->end != End::begins_anew) {
            return end;
        }
        decider->is_over = decider->ends_all = false;
        return End::finished;
    }

    /// The process that leads: is there a reason to end?
    std::optional<End> tick(const Leader& leader) {
        const double now = seconds_nearly();
        if (watcher_.wants_end()) {
            return End::interrupted;
        }
        if (options_.seconds > 0 && now - begin_ >= options_.seconds) {
            return End::seconds;
        }
        if (now >= next_state_) {
            next_state_ = now + seconds_between_states;
            leader.ask_for_snapshots();
            if (state_) {
                state_->save(parts_.save());
            }
        }
        if (shows_lines()) {
            show_lines(now, leader.executions(), leader.done());
        }
        return {};
    }

    /// A worker: runs part after part.
    void work(Line& line) {
        line_ = &line;
        // Timers end with the process that has set them.
        std::optional<Watchdog> watchdog;
        if (search_.is_program) {
            watchdog.emplace();
        }
        before_ = {};
        std::string message;
        while (line.receive(message)) {
            Part part;
            unpack_task(message, part);
            begin_part(part);
            executed_ = 0;
            const End end = explore_part();
            const bool is_left = end == End::told || end == End::executions;
            // plan() also brings the tally up to date.
            const std::string left = is_left                   ? plan()
                                     : end == End::begins_anew ? plan_of_all()
                                                               : "";
            line.send(Report{Report::Kind::over, part_, end, tally_, left, ""}.pack());
        }
    }

    /// A worker, after each execution: what does the process that leads ask for?
    End talk() {
        Shared& shared = line_->shared();
        shared.executions.store(tally_.numbers.executions, std::memory_order_relaxed);
        shared.done.store(base_done_ + chooser_->done(), std::memory_order_relaxed);
        if (shared.wants_end && chooser_->can_be_saved()) {
            return End::told;
        }
        if (shared.wants_gift && executed_ >= executions_given / 10 && chooser_->can_be_saved()) {
            const double weight_each = chooser_->done() / static_cast<double>(executed_);
            Packer gift;
            if (chooser_->give(gift, weight_each * static_cast<double>(executions_given))) {
                shared.wants_gift = false;
                const std::string left = plan();
                line_->send(
                    Report{Report::Kind::gift, part_, End::finished, tally_, left, gift.bytes()}
                        .pack());
            }
        }
        if (shared.wants_snapshot && chooser_->can_be_saved()) {
            shared.wants_snapshot = false;
            const std::string left = plan();
            line_->send(
                Report{Report::Kind::snapshot, part_, End::finished, tally_, left, ""}.pack());
        }
        return End::finished;
    }

    // ----- how far it is -------------------------------------------------------------------------

    bool shows_lines() const {
        return is_exhaustive_ && (options_.shows_progress || search_.prints_estimate);
    }

    void show_lines(double now, uint64_t executions, double done) {
        if (!has_estimated_ && now - begin_ >= seconds_before_estimate) {
            has_estimated_ = true;
            // The search has to look at its last execution before others run.
            chooser_->can_be_saved();
            const double until = seconds_now() + seconds_for_estimate;
            const Estimate all = estimate_now([&] { return seconds_now() >= until; });
            if (all.executions > 0) {
                write_message(("weave: " + text_of(all) + "\n").c_str());
            }
        }
        if (options_.shows_progress) {
            show_progress(now, executions, done);
        }
    }

    void show_progress(double now, uint64_t executions, double done) {
        if (now >= next_line_) {
            next_line_ = now + seconds_between_lines;
            write_message(("weave: " + progress_text(executions, done, now) + "\n").c_str());
        }
    }

    /// Executions, the part of the search that is done, and the time that the rest will take at the
    /// speed so far.
    std::string progress_text(uint64_t executions, double done, double now) const {
        char share[32];
        std::snprintf(share, sizeof share, "%.3g", 100 * done);
        std::string text = with_commas(static_cast<double>(executions)) + " executions, " + share +
                           " % of the search";
        const double done_now = done - base_of_run_.done;
        if (done_now > 0 && done < 1 - 1e-9) {
            text += ", " + time_text((now - begin_) / done_now * (1 - done)) + " left";
        }
        return text;
    }

    /// Random parts of the search from its beginning on, which a search that runs does not count.
    Estimate estimate_now(const std::function<bool()>& wants_end) {
        const std::unique_ptr<Chooser> chooser = make_chooser(options_);
        const auto execute = [&] { return run_sample(*chooser); };
        constexpr int ways_max = 4;
        for (int way = 0; way < ways_max; ++way) {
            const Estimate all = estimate(*chooser, options_.seed, execute, wants_end);
            if (all.executions > 0 || !chooser->wants_anew()) {
                return all;
            }
            // Now with less symmetry, or as Mode::dfs.
            chooser->repeat();
        }
        return {};
    }

    /// One execution of them. False if the search does not model the program.
    bool run_sample(Chooser& chooser) {
        const Settings settings = settings_for(chooser, settings_);
        Verdict verdict = body_.execute(execution_, settings, chooser);
        while (!chooser.wants_anew() && (chooser.wants_repeat() || widen())) {
            chooser.repeat();
            if (!chooser.begin()) {
                return false;
            }
            verdict = body_.execute(execution_, settings, chooser);
        }
        if (chooser.wants_anew()) {
            return false;
        }
        if (options_.estimates && !chooser.was_blocked()) {
            count(verdict, execution_.exits.status());
            watcher_.after_execution(verdict, execution_.exits.status());
            if (tally_.is_first(verdict)) {
                note_found(verdict, settings);
                keep(verdict, tally_.found.number, settings);
            }
        }
        return true;
    }

    /// Options::estimates.
    void only_estimate() {
        result_.estimate = estimate_now([&] {
            return is_finding(tally_.numbers.verdict) || watcher_.wants_end() ||
                   (options_.seconds > 0 && seconds_now() - begin_ >= options_.seconds);
        });
        end_ = is_finding(tally_.numbers.verdict) ? End::finding : End::estimate;
        if (result_.estimate.executions > 0 && !options_.is_quiet) {
            watcher_.before_report();
            std::fprintf(stderr, "weave: %s\n", text_of(result_.estimate).c_str());
        }
    }

    // ----- executions ----------------------------------------------------------------------------

    /// Looks for the execution of Options::recall; a finding of another verdict does not count.
    void recall() {
        KeptOperations kept;
        if (!parse_operations(options_.recall, kept)) {
            throw std::invalid_argument("Options::recall is not a list of operations of weave");
        }
        Settings settings = settings_;
        settings.has_stacks = false;
        FollowChooser chooser(sight_, kept.operations);
        TallyNumbers& numbers = tally_.numbers;
        const uint64_t executions = std::max<uint64_t>(executions_max_, 1);
        end_ = End::executions;
        while (numbers.executions < executions) {
            chooser.begin();
            const Verdict verdict =
                body_.execute(execution_, settings, chooser, /*is_traced=*/true);
            ++numbers.executions;
            numbers.steps += execution_.steps();
            numbers.steps_min = std::min(numbers.steps_min, execution_.steps());
            if (verdict != Verdict::ok && word_of(execution_.facts()) == kept.verdict) {
                note_found(verdict, settings_);
                keep(verdict, numbers.executions, settings_);
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
        if (begins_anew_) {
            return verdict;
        }
        chooser_->end(execution_.steps());
        if (verdict == Verdict::ok && chooser_->was_blocked()) {
            count_blocked(chooser_->was_dropped());
            return verdict;
        }
        Settings of_finding = settings_;
        const int exit_status = execution_.exits.status();
        if (verdict == Verdict::ok && has_new_status()) {
            of_finding = with_status().settings;
            of_finding.status_is_finding = true;
            verdict = replay(execution_, of_finding, body_, with_status().choices);
        }
        if (is_race_with_free(execution_.facts())) {
            verdict = look_for_use_after_free(execution_, of_finding, body_);
        }
        count(verdict, exit_status);
        watcher_.after_execution(verdict, execution_.exits.status());
        if (tally_.is_first(verdict)) {
            note_found(verdict, of_finding);
            // A worker's findings are described by the process that leads.
            if (line_ == nullptr && before_.is_first(verdict)) {
                keep(verdict, before_.numbers.executions + tally_.found.number, of_finding);
            }
        }
        return verdict;
    }

    /// One that ended early; it does not count either if it was dropped.
    void count_blocked(bool was_dropped) {
        TallyNumbers& numbers = tally_.numbers;
        numbers.steps += execution_.steps();
        if (was_dropped) {
            --executed_;
            if (budget_ != nullptr) {
                budget_->fetch_sub(1);
            }
            return;
        }
        ++numbers.executions;
        ++numbers.blocked;
    }

    void count(Verdict verdict, int exit_status) {
        TallyNumbers& numbers = tally_.numbers;
        ++numbers.executions;
        WEAVE_CHECK(static_cast<size_t>(verdict) < std::size(numbers.count), verdict);
        ++numbers.count[static_cast<size_t>(verdict)];
        numbers.steps += execution_.steps();
        numbers.threads_max = std::max<uint64_t>(numbers.threads_max, execution_.threads.count());
        numbers.steps_min = std::min(numbers.steps_min, execution_.steps());
        numbers.exit_status = numbers.exit_status == 0 ? exit_status : numbers.exit_status;
        if (!is_exhaustive_) {
            return;
        }
        if (options_.computes_digest && verdict == Verdict::ok && chooser_->graph() != nullptr) {
            numbers.digest.add(chooser_->digest());
        }
        const Facts& facts = execution_.facts();
        if (verdict == Verdict::limit) {
            const Cut cut = execution_.steps() > settings_.steps_max ? Cut::steps
                            : Watchdog::ended_executions() != 0      ? Cut::loops
                                                                     : Cut::memory;
            tally_.count_cut(cut, facts.step, facts.thread, true);
        } else if (verdict == Verdict::unsupported) {
            tally_.count_cut(Cut::unsupported, facts.step, facts.thread, true);
        }
        const LeftOut left_out = chooser_->left_out();
        if (left_out.bound != nullptr) {
            tally_.count_cut(Cut::preemptions, left_out.step, left_out.thread, true);
        }
        if (execution_.stopped_loop().step != 0) {
            tally_.count_cut(Cut::loops, execution_.stopped_loop().step,
                             execution_.stopped_loop().thread, true);
        }
    }

    void note_found(Verdict verdict, const Settings& settings) {
        tally_.numbers.verdict = verdict;
        tally_.found = {tally_.numbers.executions, outcome_of(execution_).choices, settings};
    }

    /// Runs some executions a second time at once: all of the first ones, and then ever fewer. An
    /// execution that something has changed which an earlier one left behind is not repeated.
    void check_sample(Verdict verdict) {
        constexpr uint64_t first_executions = 8;
        constexpr uint64_t period = 64;
        const uint64_t number = before_.numbers.executions + tally_.numbers.executions;
        const bool is_due = samples_.empty() || number <= first_executions || number % period == 0;
        if (!is_due || !search_.is_program || verdict != Verdict::ok || chooser_->was_blocked() ||
            line_ != nullptr || !options_.replay.empty()) {
            return;
        }
        // The search has to look at its last execution before others run.
        chooser_->can_be_saved();
        Sample sample{outcome_of(execution_), settings_, number};
        const std::string what = difference(sample);
        if (!what.empty()) {
            diverged_ = what;
        }
        if (samples_.empty() || std::has_single_bit(number)) {
            samples_.push_back(std::move(sample));
        }
    }

    /// Runs an execution again. Says how it differs now, or nothing.
    std::string difference(const Sample& sample) {
        replay(execution_, sample.settings, body_, sample.outcome.choices);
        const Outcome again = outcome_of(execution_);
        if (again == sample.outcome) {
            return "";
        }
        return "the choices of execution " + std::to_string(sample.number) +
               " do not give it again: it took " + std::to_string(sample.outcome.steps) +
               " steps and ended with status " + std::to_string(sample.outcome.status) +
               ", and now " + std::to_string(again.steps) + " and " + std::to_string(again.status);
    }

    Verdict execute() {
        // A replay keeps what its schedule says.
        if (options_.replay.empty()) {
            settings_ = settings_for(*chooser_, settings_);
        }
        if (!chooser_->watches() && options_.accesses == nullptr) {
            return body_.execute(execution_, settings_, *chooser_);
        }
        Settings settings = settings_;
        settings.has_stacks = false;
        const Verdict verdict = body_.execute(execution_, settings, *chooser_, /*is_traced=*/true);
        if (options_.accesses != nullptr) {
            const auto& events = execution_.timeline.events();
            *options_.accesses = accesses_of({events.begin(), events.size()});
        }
        return verdict;
    }

    static std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

    /// Does the last execution not count, because the next one is the same and gets further?
    bool is_to_be_repeated(Verdict verdict) {
        if (chooser_->wants_anew()) {
            if (line_ != nullptr) {
                // All processes have to.
                chooser_->repeat();
                tally_.limitation = text_or_empty(chooser_->limitation());
                tally_.asymmetry = text_or_empty(chooser_->asymmetry());
                begins_anew_ = true;
                return false;
            }
            if (part_ != 0) {
                // The other parts are parts of the search no more.
                parts_.drop_after(*parts_.find(part_));
            } else if (tally_.numbers.verdict == Verdict::ok) {
                tally_ = {};
            }
            return true;
        }
        return chooser_->wants_repeat() || widen() || is_suppressed(verdict);
    }

    /// Has the last execution ended because it had no room for more threads? The next one has.
    bool widen() {
        if (execution_.needs_more_threads()) {
            thread_words = thread_words_max;
            return true;
        }
        return false;
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
        const bool had = had_both_statuses();
        const uint64_t number = tally_.numbers.executions + 1;
        if (execution_.exits.status() != 0) {
            if (tally_.with_status.number == 0) {
                tally_.with_status = {number, outcome_of(execution_).choices, settings_};
            }
        } else if (tally_.numbers.first_zero == 0) {
            tally_.numbers.first_zero = number;
        }
        return options_.status == StatusRule::differs && !had && had_both_statuses();
    }

    bool had_both_statuses() const {
        return (before_.numbers.first_zero != 0 || tally_.numbers.first_zero != 0) &&
               with_status().number != 0;
    }

    /// The first execution that ended with a status other than 0.
    const KeptExecution& with_status() const {
        return before_.with_status.number != 0 ? before_.with_status : tally_.with_status;
    }

    /// Has the program ended with 0 in a part, and with another status in another? Then that is a
    /// finding of the first execution by which both are known.
    void judge_statuses() {
        TallyNumbers& numbers = tally_.numbers;
        if (options_.status != StatusRule::differs || is_finding(numbers.verdict) ||
            numbers.first_zero == 0 || tally_.with_status.number == 0) {
            return;
        }
        const uint64_t number = std::max(numbers.first_zero, tally_.with_status.number);
        if (!options_.continues) {
            numbers.count[0] -= std::min(numbers.count[0], numbers.executions - number);
            numbers.executions = number;
        }
        --numbers.count[static_cast<size_t>(Verdict::ok)];
        ++numbers.count[static_cast<size_t>(Verdict::exit_status)];
        numbers.verdict = Verdict::exit_status;
        tally_.found = tally_.with_status;
        tally_.found.number = number;
        tally_.found.settings.status_is_finding = true;
    }

    /// A search proves nothing if something outlives an execution: then the choices of an execution
    /// do not give it again.
    void check_repeats() {
        if (tally_.numbers.verdict != Verdict::ok) {
            return;
        }
        std::string what;
        if (chooser_->has_diverged() || tally_.numbers.has_diverged) {
            what = "the same choices led to another place than before";
        } else {
            what = diverged_;
            for (size_t i = 0; what.empty() && i < samples_.size(); ++i) {
                what = difference(samples_[i]);
            }
        }
        if (what.empty()) {
            return;
        }
        tally_.numbers.verdict = Verdict::unrepeatable;
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

    /// Describes the finding of the last execution, or why it says nothing.
    void keep(Verdict verdict, uint64_t number, const Settings& settings) {
        WEAVE_CHECK(verdict != Verdict::ok && number != 0, verdict, number);
        result_.first_finding = number;
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
            const Outcome found = outcome_of(execution_);
            const Explanation why = explain(execution_, settings, body_, Effort{});
            if (execution_.facts().verdict == verdict) {
                result_.finding = describe(execution_, why.settings, body_, &why,
                                           options_.explain == Explain::all_events);
            } else {
                // It does not come again: the description says so.
                replay(execution_, settings, body_, found.choices);
                result_.finding = describe(execution_, settings, body_);
            }
        }
        if (result_.finding.schedule.empty()) {
            tally_.numbers.verdict = Verdict::unrepeatable;
        }
        search_.trace = result_.finding.report;
        watcher_.before_report();
        if (!options_.is_quiet) {
            std::fputs(result_.finding.report.c_str(), stderr);
        }
    }

    // ----- the result ----------------------------------------------------------------------------

    void fill_result() {
        const TallyNumbers& numbers = tally_.numbers;
        result_.verdict = numbers.verdict;
        result_.executions = numbers.executions;
        result_.blocked = numbers.blocked;
        result_.dropped = numbers.dropped;
        result_.steps = numbers.steps;
        result_.steps_min = numbers.steps_min;
        result_.threads_max = numbers.threads_max;
        result_.backlog_max = std::max(numbers.backlog_max, take_deepest_backlog());
        std::copy(std::begin(numbers.count), std::end(numbers.count), std::begin(result_.count));
        search_.exit_status = numbers.exit_status;
        result_.seconds = seconds_now() - begin_;
        result_.limitation =
            chooser_->limitation() == nullptr ? tally_.limitation : chooser_->limitation();
        result_.asymmetry =
            chooser_->asymmetry() == nullptr ? tally_.asymmetry : chooser_->asymmetry();
        if (is_exhaustive_) {
            result_.bounds = bounds_of(numbers, end_);
            result_.is_complete = result_.bounds.empty();
        }
        if (options_.computes_digest && result_.is_complete && result_.limitation.empty()) {
            char digest[33];
            std::snprintf(digest, sizeof digest, "%016" PRIx64 "%016" PRIx64, numbers.digest.high,
                          numbers.digest.low);
            result_.digest = digest;
        }
    }

    const Options& options_;
    Search& search_;
    Watcher& watcher_;
    Execution& execution_ = the_execution();
    ExecutionSight sight_{execution_};
    Settings settings_;
    const Suppressions suppressions_;
    Body body_;
    std::vector<uint8_t> replayed_;
    std::unique_ptr<Chooser> chooser_;
    uint64_t executions_max_ = options_.executions;
    const bool is_exhaustive_;
    std::optional<StateFile> state_;
    Line* line_ = nullptr;  ///< in a worker: to the process that leads
    double begin_ = 0;

    Parts parts_;
    Tally tally_;        ///< of the part that is explored
    Tally before_;       ///< of the parts before it
    uint64_t part_ = 0;  ///< its id
    double base_done_ = 0;
    uint64_t base_dropped_ = 0;
    TallyNumbers base_of_run_;                 ///< of the runs before this one
    uint64_t executed_ = 0;                    ///< executions of this run
    std::atomic<uint64_t>* budget_ = nullptr;  ///< the same of all processes
    bool begins_anew_ = false;
    End end_ = End::finished;

    std::vector<Sample> samples_;  ///< of this process, to be run again at the end
    std::string diverged_;         ///< how an execution that was run again differs
    bool has_estimated_ = false;
    double next_state_ = 0;
    double next_line_ = 0;
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
