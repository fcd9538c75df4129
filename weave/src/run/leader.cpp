// One loop: hand out, ask, listen.
#include "run/leader.h"

#include <algorithm>
#include <utility>

#include "run/check.h"
#include "run/pack.h"

namespace weave {

std::string Report::pack() const {
    Packer packer;
    packer.put(kind);
    packer.put(part);
    packer.put(end);
    tally.save(packer);
    packer.put_text(plan);
    packer.put_text(gift);
    return packer.bytes();
}

Report Report::unpack(const std::string& message) {
    Unpacker unpacker(message);
    Report report;
    report.kind = unpacker.take<Kind>();
    report.part = unpacker.take<uint64_t>();
    report.end = unpacker.take<End>();
    report.tally.load(unpacker);
    report.plan = unpacker.take_text();
    report.gift = unpacker.take_text();
    return report;
}

std::string pack_task(const Part& part) {
    Packer packer;
    packer.put(part.id);
    part.tally.save(packer);
    packer.put_text(part.plan);
    return packer.bytes();
}

void unpack_task(const std::string& message, Part& part) {
    Unpacker unpacker(message);
    part.id = unpacker.take<uint64_t>();
    part.tally.load(unpacker);
    part.plan = unpacker.take_text();
}

End Leader::run() {
    constexpr int patience_milliseconds = 50;
    for (;;) {
        parts_.mark_statuses();
        const Part* const decider = parts_.decider();
        const bool is_ending = ends_.has_value() || (decider != nullptr && decider->is_over);
        if (!is_ending) {
            hand_out();
            ask_for_gifts();
        }
        if (is_idle()) {
            return ends_.has_value() && (decider == nullptr || !decider->is_over) ? *ends_
                   : decider != nullptr                                           ? decider->end
                                                                                  : End::finished;
        }
        ask_to_end(is_ending);
        unsigned worker = 0;
        std::string message;
        if (crew_.receive(patience_milliseconds, worker, message)) {
            take(worker, Report::unpack(message));
        }
        if (!ends_.has_value()) {
            ends_ = tick_(*this);
        }
    }
}

bool Leader::is_idle() const {
    return std::all_of(part_of_.begin(), part_of_.end(), [](uint64_t part) { return part == 0; });
}

void Leader::hand_out() {
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        Part* const part = part_of_[worker] == 0 ? parts_.next_open() : nullptr;
        if (part != nullptr) {
            Shared& shared = crew_.shared(worker);
            shared.executions = part->tally.numbers.executions;
            shared.done = part->tally.numbers.done;
            shared.wants_end = shared.wants_gift = shared.wants_snapshot = false;
            part->is_running = true;
            part_of_[worker] = part->id;
            crew_.send(worker, pack_task(*part));
        }
    }
}

/// A worker that ends its part shall not have to wait for another.
void Leader::ask_for_gifts() {
    if (parts_.open_count() >= size_t{2} * crew_.count()) {
        return;
    }
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        if (part_of_[worker] != 0) {
            crew_.shared(worker).wants_gift = true;
        }
    }
}

/// Ends the workers whose part counts no more, or all.
void Leader::ask_to_end(bool all) {
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        if (part_of_[worker] != 0) {
            const Part* const part = parts_.find(part_of_[worker]);
            if (all || part == nullptr || part->ends_all) {
                crew_.shared(worker).wants_end = true;
            }
        }
    }
}

void Leader::ask_for_snapshots() const {
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        crew_.shared(worker).wants_snapshot = part_of_[worker] != 0;
    }
}

void Leader::take(unsigned worker, Report report) {
    // Otherwise a state that is written now would have the gift twice.
    WEAVE_CHECK(report.kind != Report::Kind::gift || !report.plan.empty(), report.part);
    Part* const part = parts_.find(report.part);
    if (report.kind == Report::Kind::over) {
        part_of_[worker] = 0;
    }
    if (part == nullptr) {
        return;
    }
    if (!report.plan.empty() || report.kind == Report::Kind::over) {
        part->tally = std::move(report.tally);
        part->plan = std::move(report.plan);
    }
    if (report.kind == Report::Kind::gift) {
        parts_.add_after(*part, std::move(report.gift));
    }
    if (report.kind != Report::Kind::over) {
        return;
    }
    part->is_running = false;
    switch (report.end) {
        case End::finished:
            part->is_over = true;
            break;
        case End::told:
        case End::executions:
        case End::seconds:
        case End::interrupted:
        case End::estimate:
        case End::splits:
            part->is_over = part->ends_all;
            if (report.end != End::told) {
                ends_ = report.end;
            }
            break;
        case End::finding:
        case End::undecided:
        case End::stalled:
        case End::begins_anew:
            part->is_over = part->ends_all = true;
            part->end = report.end;
            parts_.drop_after(*part);
            break;
    }
    parts_.fold();
}

uint64_t Leader::executions() const {
    uint64_t executions = 0;
    for (const Part& part : parts_.all()) {
        executions += part.is_running ? 0 : part.tally.numbers.executions;
    }
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        executions += part_of_[worker] != 0 ? crew_.shared(worker).executions.load() : 0;
    }
    return executions;
}

double Leader::done() const {
    double done = 0;
    for (const Part& part : parts_.all()) {
        done += part.is_running ? 0 : part.tally.numbers.done;
    }
    for (unsigned worker = 0; worker < crew_.count(); ++worker) {
        done += part_of_[worker] != 0 ? crew_.shared(worker).done.load() : 0;
    }
    return done;
}

}  // namespace weave
