// Sums, minima and maxima, and the first of each thing that only one execution decides.
#include "run/tally.h"

#include <algorithm>
#include <iterator>

#include "run/pack.h"

namespace weave {

namespace {

/// Takes an execution of the later part, if there is none yet.
void take_first(KeptExecution& mine, const KeptExecution& later, uint64_t before) {
    if (mine.number == 0 && later.number != 0) {
        mine = later;
        mine.number += before;
    }
}

void save(Packer& packer, const KeptExecution& kept) {
    packer.put(kept.number);
    packer.put_choices(kept.choices);
    packer.put(kept.settings);
}

void load(Unpacker& unpacker, KeptExecution& kept) {
    kept.number = unpacker.take<uint64_t>();
    kept.choices = unpacker.take_choices();
    kept.settings = unpacker.take<Settings>();
}

}  // namespace

bool is_finding(Verdict verdict) {
    return verdict != Verdict::ok && verdict != Verdict::limit && verdict != Verdict::unsupported &&
           verdict != Verdict::unrepeatable;
}

bool Tally::is_first(Verdict verdict) const {
    return verdict != Verdict::ok && (numbers.verdict == Verdict::ok ||
                                      (is_finding(verdict) && !is_finding(numbers.verdict)));
}

void Tally::count_cut(Cut cut, uint64_t step, uint32_t thread, bool has_place) {
    CutCount& count = numbers.cuts[static_cast<size_t>(cut)];
    if (++count.executions == 1) {
        count.first = numbers.executions;
        count.step = step;
        count.thread = thread;
        count.has_place = has_place ? 1 : 0;
    }
}

void Tally::add(const Tally& later) {
    const TallyNumbers& other = later.numbers;
    const uint64_t before = numbers.executions;
    if (is_first(other.verdict)) {
        numbers.verdict = other.verdict;
        found = later.found;
        found.number += before;
    }
    take_first(with_status, later.with_status, before);
    if (numbers.first_zero == 0 && other.first_zero != 0) {
        numbers.first_zero = before + other.first_zero;
    }
    for (unsigned i = 0; i < cut_count; ++i) {
        CutCount& mine = numbers.cuts[i];
        if (mine.executions == 0 && other.cuts[i].executions != 0) {
            mine = other.cuts[i];
            mine.first += before;
        } else {
            mine.executions += other.cuts[i].executions;
        }
    }
    for (size_t i = 0; i < std::size(numbers.count); ++i) {
        numbers.count[i] += other.count[i];
    }
    numbers.executions += other.executions;
    numbers.blocked += other.blocked;
    numbers.dropped += other.dropped;
    numbers.digest.add(other.digest);
    numbers.undecided += other.undecided;
    numbers.steps += other.steps;
    numbers.steps_min = std::min(numbers.steps_min, other.steps_min);
    numbers.threads_max = std::max(numbers.threads_max, other.threads_max);
    numbers.backlog_max = std::max(numbers.backlog_max, other.backlog_max);
    numbers.done += other.done;
    numbers.exit_status = numbers.exit_status == 0 ? other.exit_status : numbers.exit_status;
    numbers.has_diverged |= other.has_diverged;
    if (limitation.empty()) {
        limitation = later.limitation;
    }
    if (asymmetry.empty()) {
        asymmetry = later.asymmetry;
    }
}

void Tally::save(Packer& packer) const {
    packer.put(numbers);
    weave::save(packer, found);
    weave::save(packer, with_status);
    packer.put_text(limitation);
    packer.put_text(asymmetry);
}

void Tally::load(Unpacker& unpacker) {
    numbers = unpacker.take<TallyNumbers>();
    weave::load(unpacker, found);
    weave::load(unpacker, with_status);
    limitation = unpacker.take_text();
    asymmetry = unpacker.take_text();
}

}  // namespace weave
