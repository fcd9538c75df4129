// Operations are counted as ordering.h does; nothing here allocates while an execution runs.
#include "run/choosers/constrained.h"

#include <optional>

namespace weave {

namespace {

/// Is an event one of the operations that a point counts?
bool counts(const Point& point, const Event& event) {
    if (event.thread != point.thread || event.address != point.object) {
        return false;
    }
    switch (event.kind) {
        case Event::Kind::load:
            return point.kind == Point::Kind::read;
        case Event::Kind::store:
            return point.kind == Point::Kind::write;
        case Event::Kind::rmw:
            return point.kind == Point::Kind::read || point.kind == Point::Kind::write;
        case Event::Kind::exchange_failed:
            return point.kind == Point::Kind::read || point.kind == Point::Kind::give_up;
        case Event::Kind::lock:
        case Event::Kind::take:
        case Event::Kind::call_once:
            return point.kind == Point::Kind::take;
        case Event::Kind::unlock:
        case Event::Kind::post:
        case Event::Kind::once_done:
            return point.kind == Point::Kind::give;
        default:
            return false;
    }
}

/// Would an operation of this kind be one of the operations that a point counts?
bool makes(OperationKind kind, Point::Kind point) {
    switch (kind) {
        case OperationKind::load:
            return point == Point::Kind::read;
        case OperationKind::store:
            return point == Point::Kind::write;
        case OperationKind::rmw:
            return point == Point::Kind::read || point == Point::Kind::write;
        case OperationKind::lock:
            return point == Point::Kind::take;
        case OperationKind::unlock:
            return point == Point::Kind::give;
        default:
            return false;
    }
}

}  // namespace

ConstrainedChooser::ConstrainedChooser(Chooser& inner, Sight& sight, std::span<const Fact> facts,
                                       bool forces_any)
    : inner_(inner), sight_(sight), forces_any_(forces_any) {
    for (const Fact& fact : facts) {
        rules_.push_back({fact, 0, 0});
    }
}

bool ConstrainedChooser::begin() {
    seen_ = 0;
    for (Rule& rule : rules_) {
        rule.first_count = rule.second_count = 0;
    }
    return inner_.begin();
}

/// Counts what has happened since the last call.
void ConstrainedChooser::look() {
    const std::span<const Event> events = sight_.events();
    for (; seen_ < events.size(); ++seen_) {
        for (Rule& rule : rules_) {
            rule.first_count += counts(rule.fact.first, events[seen_]) ? 1 : 0;
            rule.second_count += counts(rule.fact.second, events[seen_]) ? 1 : 0;
        }
    }
}

/// Is the thread about to make the rule's second operation?
bool ConstrainedChooser::is_next(const Rule& rule, unsigned thread, const Operation& pending) {
    const Point& point = rule.fact.second;
    return point.thread == thread && point.object == pending.object &&
           makes(pending.kind, point.kind) &&
           (point.number == 0 || rule.second_count + 1 == point.number);
}

bool ConstrainedChooser::is_held_back(unsigned thread) {
    for (const Rule& rule : rules_) {
        const bool is_ordered = rule.fact.kind == Fact::Kind::before ||
                                (rule.fact.kind == Fact::Kind::reads &&
                                 rule.fact.first.number != 0 && rule.fact.second.number != 0);
        if (is_ordered && rule.first_count < rule.fact.first.number &&
            is_next(rule, thread, sight_.pending(thread))) {
            return true;
        }
    }
    return false;
}

unsigned ConstrainedChooser::choose_thread(const Turn& turn) {
    look();
    Turn free = turn;
    for (unsigned i = 0; i < turn.count(); ++i) {
        if (is_held_back(turn.thread(i))) {
            free.enabled.remove(turn.thread(i));
        }
    }
    if (free.enabled.is_empty() || free.enabled == turn.enabled) {
        return inner_.choose_thread(turn);
    }
    const unsigned chosen =
        free.count() == 1 ? free.thread(0) : free.thread(inner_.choose_thread(free));
    return turn.index_of(chosen);
}

unsigned ConstrainedChooser::choose(Alternative kind, unsigned count) {
    if (kind == Alternative::store) {
        look();
        const unsigned thread = sight_.current();
        for (const Rule& rule : rules_) {
            if (rule.fact.kind != Fact::Kind::reads ||
                !is_next(rule, thread, sight_.pending(thread)) ||
                (rule.fact.second.number == 0 &&
                 (!forces_any_ || inner_.choose(Alternative::store, 2) != 0))) {
                continue;
            }
            const std::optional<unsigned> wanted = sight_.alternative_of(rule.fact.first);
            if (wanted && *wanted < count) {
                return *wanted;
            }
        }
    }
    return inner_.choose(kind, count);
}

}  // namespace weave
