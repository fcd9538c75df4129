// The turns of the choosers: those with the best chance for a fault that needs a few ordered steps
// come more often.
#include "run/choosers/mix.h"

#include "run/choosers/delay.h"
#include "run/choosers/pct.h"
#include "run/choosers/pctwm.h"
#include "run/choosers/pos.h"
#include "run/choosers/random.h"
#include "run/choosers/starve.h"
#include "run/choosers/surw.h"
#include "run/random.h"

namespace weave {

namespace {

// Indices of MixChooser::parts_. The first is one that learns, and random in its first execution.
constexpr size_t turns[] = {0, 0, 1, 0, 3, 4, 2, 1, 0, 4, 5, 6};

// A fault that has not been found by then needs many ordered steps: now seven in eight
// executions are POS's, which finds SafeStack's in about 100,000, ten times as soon as the others.
constexpr uint64_t executions_before_rare = 240;
constexpr size_t pos_part = 2;

size_t part_of(uint64_t execution) {
    if (execution < executions_before_rare) {
        return turns[execution % std::size(turns)];
    }
    return execution % 8 != 7 ? pos_part : turns[execution / 8 % std::size(turns)];
}

/// A seed for each chooser: with the same numbers two of them would make much the same executions.
uint64_t seed_of(const Options& options, Mode mode) {
    return Random(options.seed, static_cast<uint64_t>(mode)).next();
}

}  // namespace

MixChooser::MixChooser(const Options& options) {
    const auto seed = [&](Mode mode) { return seed_of(options, mode); };
    parts_[0] = {Mode::delay, std::make_unique<DelayChooser>(seed(Mode::delay), survey_)};
    parts_[1] = {Mode::surw, std::make_unique<SurwChooser>(seed(Mode::surw), survey_)};
    parts_[2] = {Mode::pos, std::make_unique<PosChooser>(seed(Mode::pos))};
    parts_[3] = {Mode::random, std::make_unique<RandomChooser>(seed(Mode::random))};
    parts_[4] = {Mode::pctwm, std::make_unique<PctwmChooser>(seed(Mode::pctwm), options.depth)};
    parts_[5] = {Mode::pct, std::make_unique<PctChooser>(seed(Mode::pct), options.depth)};
    parts_[6] = {Mode::starve, std::make_unique<StarveChooser>(seed(Mode::starve))};
}

bool MixChooser::begin() {
    current_ = part_of(execution_++);
    ++parts_[current_].executions;
    return current().begin();
}

void MixChooser::repeat() {
    --execution_;
    --parts_[current_].executions;
    current().repeat();
}

void MixChooser::end(uint64_t steps) { current().end(steps); }

Share MixChooser::share() const { return {parts_[current_].mode, parts_[current_].executions}; }

}  // namespace weave
