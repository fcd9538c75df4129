// The recorded choices of the last execution repeat it, as long as the program depends on nothing
// else.
#include "run/rerun.h"

#include <string>
#include <utility>
#include <vector>

#include "report/report.h"
#include "report/schedule.h"
#include "run/choosers/hold_back.h"
#include "run/choosers/replay.h"
#include "run/system.h"

namespace weave {

namespace {

std::vector<uint8_t> choices_of(const Execution& execution) {
    return {execution.choices().begin(), execution.choices().end()};
}

}  // namespace

Verdict Body::execute(Execution& execution, const Settings& settings, Chooser& chooser,
                      bool is_traced) {
    if (variables) {
        variables->restore();
        restore_system();
    }
    watcher.before_execution(is_traced && settings.has_stacks);
    const Verdict verdict = execution.run(
        settings, chooser, is_traced,
        [](void* self) { static_cast<const Body*>(self)->function(); }, this);
    if (verdict != Verdict::ok || !judge) {
        return verdict;
    }
    if (const Judgement judgement = judge(); !judgement.verdict.empty()) {
        execution.note_judgement(judgement);
    }
    return execution.facts().verdict;
}

Verdict replay(Execution& execution, const Settings& settings, Body& body,
               const std::vector<uint8_t>& choices, bool is_traced) {
    ReplayChooser chooser(choices.data(), choices.size());
    chooser.begin();
    return body.execute(execution, settings, chooser, is_traced);
}

Outcome outcome_of(const Execution& execution) {
    return {choices_of(execution), execution.steps(), execution.facts().verdict,
            execution.exits.status()};
}

bool is_race_with_free(const Facts& facts) {
    return facts.verdict == Verdict::data_race && facts.accesses[1].is_free &&
           !facts.accesses[0].is_allocation;
}

Verdict look_for_use_after_free(Execution& execution, Settings& settings, Body& body) {
    WEAVE_CHECK(is_race_with_free(execution.facts()), execution.facts().verdict);
    const AccessFact access = execution.facts().accesses[0];
    const std::vector<uint8_t> choices = choices_of(execution);
    settings.held_thread = access.thread;
    settings.held_step = access.step;
    settings.held_is_atomic = access.is_atomic;
    // What the other threads do meanwhile decides whether one of them frees the block.
    constexpr uint64_t attempts = 16;
    for (uint64_t attempt = 0; attempt < attempts; ++attempt) {
        HoldBackChooser hold_back(choices.data(), choices.size(), access.step, access.thread,
                                  attempt);
        hold_back.begin();
        if (body.execute(execution, settings, hold_back) == Verdict::use_after_free) {
            return Verdict::use_after_free;
        }
    }
    settings.held_step = Settings::nothing_held;
    return replay(execution, settings, body, choices);
}

Finding describe(Execution& execution, const Settings& settings, Body& body, const Explanation* why,
                 bool shows_all) {
    const Facts found = execution.facts();
    const std::vector<uint8_t> choices = choices_of(execution);
    Finding finding;
    finding.what = std::string(word_of(found)) + ": " + found.what;
    finding.schedule = schedule_text(settings, choices.data(), choices.size(), image_identity());
    const Verdict again = replay(execution, settings, body, choices, /*is_traced=*/true);
    if (again == found.verdict) {
        Report report = report_of(execution, why, shows_all, body.mark_text);
        finding.report = std::move(report.text);
        finding.explanation = std::move(report.json);
        finding.operations = std::move(report.operations);
    } else {
        finding.schedule.clear();
        finding.report = "weave: FINDING " + finding.what + "\n  the same schedule now gives " +
                         name_of(again) +
                         ": the program depends on something other than its schedule\n";
    }
    return finding;
}

}  // namespace weave
