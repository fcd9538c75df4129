// Shrinks the choices, then alternates between a set of facts and executions that obey it.
#include "run/explain.h"
#include "run/seconds.h"

#include <ctime>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "run/choosers/constrained.h"
#include "run/choosers/dfs.h"
#include "run/choosers/perturbed.h"
#include "run/choosers/replay.h"
#include "run/shrink.h"
#include "run/sight.h"

namespace weave {

namespace {

/// What stays the same while the choices shrink: the verdict and its places, or what a judge says.
struct Cause {
    Verdict verdict;
    std::set<uint32_t> pcs;
    std::string judged;

    bool operator==(const Cause&) const = default;
};

/// The judge's word and sentence without the numbers, which differ between executions.
std::string judged_of(const Facts& facts) {
    std::string text;
    if (facts.verdict == Verdict::judged) {
        for (const char c : std::string(facts.judged) + ": " + facts.what) {
            if (c < '0' || c > '9') {
                text += c;
            }
        }
    }
    return text;
}

Cause cause_of(const Execution& execution) {
    const Facts& facts = execution.facts();
    Cause cause{facts.verdict, {}, judged_of(facts)};
    for (unsigned i = 0; i < facts.access_count; ++i) {
        cause.pcs.insert(facts.accesses[i].pc);
    }
    if (facts.verdict == Verdict::deadlock || facts.verdict == Verdict::livelock) {
        for (unsigned i = 0; i < execution.threads.count(); ++i) {
            if (!execution.threads[i].is_finished) {
                cause.pcs.insert(execution.threads[i].waits_pc);
            }
        }
    } else if (facts.access_count == 0) {
        cause.pcs.insert(facts.pc);
    }
    return cause;
}

bool is_undecided(Verdict verdict) {
    return verdict == Verdict::limit || verdict == Verdict::unsupported;
}

class Explainer {
  public:
    Explainer(Execution& execution, const Settings& settings, Body& body, const Effort& effort)
        : execution_(execution),
          settings_(settings),
          body_(body),
          effort_(effort),
          sight_(execution) {
        settings_.has_stacks = false;
    }

    Explanation run() {
        shrink(outcome_of(execution_).choices);
        run_failing();
        const History failing = history();
        const uint32_t steps_max = settings_.steps_max;
        settings_.steps_max = std::min(steps_max, long_execution(execution_.steps()));
        // A held access is one of a step of the one execution.
        if (settings_.held_step == Settings::nothing_held) {
            const std::vector<Fact> all = near_first(failing, failing.facts(about_to(failing)));
            const std::vector<unsigned> ranks = ranks_of(failing, all);
            for (unsigned rank = 0; rank <= last_rank; ++rank) {
                find_set(all, ranks, rank);
                if (is_explicable_) {
                    break;
                }
            }
            note_parts(failing);
        }
        settings_.steps_max = steps_max;
        run_failing();
        drop_what_has_moved(history());
        settings_.has_stacks = true;
        result_.settings = settings_;
        return std::move(result_);
    }

  private:
    using Row = std::vector<bool>;

    static constexpr size_t facts_max = 200;
    // What shrinking may take of the time; the facts of a long execution are too many to be read.
    static constexpr double shrinking_share = 0.5;

    /// Steps after which another execution says nothing, as it takes the time of many.
    static uint32_t long_execution(uint64_t steps) {
        constexpr uint64_t times = 20;
        constexpr uint64_t at_least = 2'000;
        return static_cast<uint32_t>(std::min<uint64_t>(times * steps + at_least, UINT32_MAX));
    }

    static size_t switches_of(const std::vector<uint8_t>& choices) {
        return static_cast<size_t>(
            std::count_if(choices.begin(), choices.end(), [](uint8_t c) { return c != 0; }));
    }

    bool may_continue(double share = 1) const {
        return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin_ < share * effort_.seconds &&
               static_cast<double>(result_.executions) <
                   share * static_cast<double>(effort_.executions);
    }

    Verdict run_once(Chooser& chooser) {
        ++result_.executions;
        chooser.begin();
        return body_.execute(execution_, settings_, chooser, /*is_traced=*/true);
    }

    History history() const {
        const auto& events = execution_.timeline.events();
        return History({events.begin(), events.size()});
    }

    void run_failing() {
        ReplayChooser again(result_.choices.data(), result_.choices.size());
        run_once(again);
    }

    void shrink(const std::vector<uint8_t>& choices) {
        cause_ = cause_of(execution_);
        result_.switches_before = switches_of(choices);
        if (settings_.spurious_wakeups) {
            settings_.spurious_wakeups = false;
            replay(execution_, settings_, body_, choices);
            settings_.spurious_wakeups = cause_of(execution_) != cause_;
        }
        const auto still_fails = [&](const std::vector<uint8_t>& candidate) {
            ++result_.executions;
            replay(execution_, settings_, body_, candidate);
            return cause_of(execution_) == cause_;
        };
        result_.choices =
            shrink_choices(choices, still_fails, [&] { return may_continue(shrinking_share); });
        result_.switches = switches_of(result_.choices);
    }

    /// The changes that threads were about to make when the last execution ended.
    std::vector<Point> about_to(const History& failing) const {
        std::vector<Point> points;
        for (unsigned thread = 0; thread < execution_.threads.count(); ++thread) {
            const Operation& next = execution_.threads.pending()[thread];
            if (execution_.threads[thread].is_finished || next.object == 0 ||
                (thread == execution_.facts().thread && next.kind != OperationKind::wait)) {
                continue;
            }
            const bool is_write =
                next.kind == OperationKind::store || next.kind == OperationKind::rmw;
            if (!is_write && next.kind != OperationKind::wait) {
                continue;
            }
            Point point{static_cast<uint16_t>(thread),
                        is_write ? Point::Kind::write : Point::Kind::take, 0, next.object};
            point.number = failing.count_of(point) + 1;
            points.push_back(point);
        }
        return points;
    }

    static constexpr unsigned last_rank = 2;

    /// How late a fact is taken. 0: it may be the cause. last_rank: it would only say the finding
    /// again.
    std::vector<unsigned> ranks_of(const History& failing, const std::vector<Fact>& facts) const {
        return cause_.verdict == Verdict::judged ? ranks_of_judged(failing, facts)
                                                 : ranks_of_own(failing, facts);
    }

    /// What a judge finds has mostly happened by the end of the last part that it names, and surely
    /// when only the first thread is left.
    std::vector<unsigned> ranks_of_judged(const History& failing,
                                          const std::vector<Fact>& facts) const {
        const std::vector<Event>& events = failing.events();
        size_t threads_end = events.size();
        while (threads_end != 0 && events[threads_end - 1].thread == 0) {
            --threads_end;
        }
        size_t parts_end = 0;
        for (const Stretch& stretch : stretches_of(failing, execution_.facts())) {
            parts_end = std::max(parts_end, stretch.last + 1);
        }
        std::vector<unsigned> ranks;
        for (const Fact& fact : facts) {
            const size_t at = event_of(failing, fact);
            const size_t event = at == History::none ? 0 : at;
            ranks.push_back(event >= std::max(parts_end, threads_end) ? 2
                            : parts_end != 0 && event >= parts_end    ? 1
                                                                      : 0);
        }
        return ranks;
    }

    /// Last are facts of the operation at which the finding shows. In a standstill these are the
    /// waits.
    std::vector<unsigned> ranks_of_own(const History& failing,
                                       const std::vector<Fact>& facts) const {
        const bool is_standstill =
            cause_.verdict == Verdict::deadlock || cause_.verdict == Verdict::livelock;
        // A plain access comes after the operation of its step, which may have led to it.
        const bool is_at_operation = cause_.verdict == Verdict::assertion ||
                                     cause_.verdict == Verdict::exit_status ||
                                     execution_.facts().accesses[1].is_atomic;
        std::vector<unsigned> ranks;
        for (const Fact& fact : facts) {
            const size_t at = event_of(failing, fact);
            if (at == History::none) {
                ranks.push_back(0);
                continue;
            }
            const Event& event = failing.events()[at];
            const bool is_own = is_standstill
                                    ? fact.kind == Fact::Kind::happens
                                    : is_at_operation && event.step == execution_.facts().step &&
                                          event.thread == execution_.facts().thread;
            ranks.push_back(is_own ? last_rank : 0);
        }
        return ranks;
    }

    /// That one of two parts has ended when the other began, where the order of marks matters.
    static std::vector<Fact> orders_of(const History& failing,
                                       const std::vector<Stretch>& stretches) {
        const auto is_ordered = [&](size_t event) {
            return failing.events()[event].kind == Event::Kind::mark &&
                   failing.events()[event].address != 0;
        };
        std::vector<Fact> facts;
        for (const Stretch& first : stretches) {
            for (const Stretch& second : stretches) {
                if (first.thread != second.thread && first.last < second.first &&
                    is_ordered(first.last) && is_ordered(second.first)) {
                    facts.push_back({Fact::Kind::before, failing.points_of(first.last).points[0],
                                     failing.points_of(second.first).points[0]});
                }
            }
        }
        return facts;
    }

    /// Those of the parts that a judgement is about come first: of equally small sets that with the
    /// first facts is taken.
    std::vector<Fact> near_first(const History& failing, const std::vector<Fact>& facts) const {
        std::vector<Stretch> stretches;
        if (cause_.verdict == Verdict::judged) {
            stretches = stretches_of(failing, execution_.facts());
        }
        std::vector<Fact> near = orders_of(failing, stretches);
        std::vector<Fact> others;
        for (const Fact& fact : facts) {
            const size_t at = event_of(failing, fact);
            const bool is_near =
                at != History::none &&
                std::any_of(stretches.begin(), stretches.end(), [&](const Stretch& stretch) {
                    return stretch.has(failing.events()[at], at);
                });
            if (std::find(near.begin(), near.end(), fact) == near.end()) {
                (is_near ? near : others).push_back(fact);
            }
        }
        near.insert(near.end(), others.begin(), others.end());
        return near;
    }

    /// The facts of these numbers.
    std::vector<Fact> facts_of(const std::vector<size_t>& chosen) const {
        std::vector<Fact> facts;
        for (const size_t i : chosen) {
            facts.push_back(facts_[i]);
        }
        return facts;
    }

    struct Tally {
        uint64_t failed = 0;
        uint64_t passed = 0;
    };

    /// Counts the last execution if it obeys the facts. A passing one that is not yet known is a
    /// row of the hitting set: the facts that it breaks.
    void count(const std::vector<Fact>& facts, Verdict verdict, Tally& tally) {
        if (is_undecided(verdict)) {
            return;
        }
        const History seen = history();
        if (verdict == Verdict::ok) {
            Row row;
            for (const Fact& fact : facts_) {
                row.push_back(!seen.obeys(fact));
            }
            is_explicable_ &= std::find(row.begin(), row.end(), true) != row.end();
            rows_.insert(row);
        }
        if (seen.obeys(facts)) {
            ++(verdict == Verdict::ok ? tally.passed : tally.failed);
        }
    }

    /// Runs executions that obey the facts: up to `wanted` of them, until one passes if
    /// `ends_at_pass`.
    Tally sample(const std::vector<Fact>& facts, unsigned wanted, bool ends_at_pass) {
        Tally tally;
        PerturbedChooser around(result_.choices.data(), result_.choices.size(), ++seed_);
        ConstrainedChooser chooser(around, sight_, facts, /*forces_any=*/true);
        constexpr unsigned tries_each = 8;
        for (unsigned tries = 0; tries < tries_each * wanted && may_continue(); ++tries) {
            const Verdict verdict = run_once(chooser);
            count(facts, verdict, tally);
            if (tally.failed + tally.passed == wanted || (ends_at_pass && tally.passed != 0)) {
                break;
            }
        }
        return tally;
    }

    /// Runs all executions that obey the facts, if they are few; nothing if they are many.
    std::optional<Tally> run_all(const std::vector<Fact>& facts) {
        Tally tally;
        DfsChooser all(-1);
        ConstrainedChooser chooser(all, sight_, facts, /*forces_any=*/false);
        for (unsigned i = 0; i < effort_.exhaustive && may_continue(); ++i) {
            if (!chooser.begin()) {
                return chooser.is_complete() ? std::optional(tally) : std::nullopt;
            }
            ++result_.executions;
            const Verdict verdict =
                body_.execute(execution_, settings_, chooser, /*is_traced=*/true);
            if (is_undecided(verdict)) {
                return std::nullopt;
            }
            count(facts, verdict, tally);
            if (tally.passed != 0) {
                break;
            }
        }
        return tally.passed == 0 ? std::nullopt : std::optional(tally);
    }

    /// Looks for a set among the facts up to a rank.
    void find_set(const std::vector<Fact>& all, const std::vector<unsigned>& ranks, unsigned rank) {
        facts_.clear();
        for (size_t i = 0; i < all.size() && facts_.size() < facts_max; ++i) {
            if (ranks[i] <= rank) {
                facts_.push_back(all[i]);
            }
        }
        rows_.clear();
        set_.clear();
        is_explicable_ = true;
        // Passing executions to begin with.
        constexpr unsigned first_executions = 200;
        sample({}, first_executions, /*ends_at_pass=*/false);
        while (may_continue() && is_explicable_) {
            set_ = smallest_hitting_set({rows_.begin(), rows_.end()}, facts_.size());
            const std::vector<Fact> facts = facts_of(set_);
            const Tally sampled = sample(facts, effort_.sampled, /*ends_at_pass=*/true);
            if (sampled.passed != 0) {
                continue;
            }
            const std::optional<Tally> every = run_all(facts);
            if (every && every->passed != 0) {
                continue;
            }
            result_.is_complete = every.has_value();
            result_.failed = every ? every->failed : sampled.failed;
            result_.is_sure = result_.failed != 0;
            return;
        }
    }

    /// What executions do that obey all facts but one.
    void note_parts(const History& failing) {
        const std::vector<Row> rows(rows_.begin(), rows_.end());
        for (const size_t without : set_) {
            std::vector<size_t> others = set_;
            std::erase(others, without);
            constexpr unsigned executions = 100;
            const Tally tally = sample(facts_of(others), executions, /*ends_at_pass=*/false);
            // The passing executions that made this fact needed count too.
            const auto needed = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
                return std::none_of(others.begin(), others.end(),
                                    [&](size_t other) { return row[other]; });
            });
            const uint64_t known = tally.passed == 0 && needed ? 1 : 0;
            result_.parts.push_back(
                {facts_[without], tally.failed + tally.passed + known, tally.passed + known});
        }
        std::sort(result_.parts.begin(), result_.parts.end(), [&](const auto& a, const auto& b) {
            return event_of(failing, a.fact) < event_of(failing, b.fact);
        });
    }

    /// Facts go by address. Where an object of the program outlives executions and has moved, a
    /// fact of it is not one of the execution that is shown.
    void drop_what_has_moved(const History& shown) {
        const size_t dropped = std::erase_if(
            result_.parts, [&](const Explanation::Part& part) { return !shown.obeys(part.fact); });
        result_.is_sure = result_.is_sure && dropped == 0;
    }

    static size_t event_of(const History& failing, const Fact& fact) {
        return fact.kind == Fact::Kind::reads ? failing.reader_of(fact)
                                              : failing.event_of(fact.second);
    }

    Execution& execution_;
    Settings settings_;
    Body& body_;
    const Effort effort_;
    ExecutionSight sight_;
    const double begin_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    Cause cause_{};
    std::vector<Fact> facts_;
    std::set<Row> rows_;  ///< the facts that passing executions break
    std::vector<size_t> set_;
    bool is_explicable_ = true;  ///< no passing execution obeys every fact
    uint64_t seed_ = 0;
    Explanation result_;
};

}  // namespace

Explanation explain(Execution& execution, const Settings& settings, Body& body,
                    const Effort& effort) {
    return Explainer(execution, settings, body, effort).run();
}

}  // namespace weave
