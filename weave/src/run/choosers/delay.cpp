// Everything is drawn from what earlier executions have shown.
#include "run/choosers/delay.h"

#include <algorithm>

namespace weave {

bool DelayChooser::begin() {
    RandomChooser::begin();
    survey_.begin_execution();
    draw_object();
    if (object_ != Survey::no_object) {
        draw_changes();
    }
    return true;
}

void DelayChooser::draw_object() {
    const auto count = static_cast<uint32_t>(survey_.object_count());
    object_ = Survey::no_object;
    unsigned equals = 0;
    for (uint32_t object = 0; object < count; ++object) {
        if (!survey_.is_changed(object)) {
            continue;
        }
        if (object_ == Survey::no_object || times_[object] < times_[object_]) {
            object_ = object;
            equals = 1;
        } else if (times_[object] == times_[object_] && random().below(++equals) == 0) {
            object_ = object;
        }
    }
}

/// At first all changes of the object are held back. Later, none in an eighth of the executions; in
/// the others, half of the time those of all roles, and half of the time from the first one on.
void DelayChooser::draw_changes() {
    role_ = Survey::no_role;
    free_changes_ = 0;
    if (times_[object_]++ == 0) {
        return;
    }
    if (random().below(8) == 0) {
        object_ = Survey::no_object;
        return;
    }
    const bool is_of_one_role = random().below(2) == 0;
    unsigned roles = 0;
    uint32_t changes = 0;
    for (const Survey::Use& use : survey_) {
        if (use.object == object_ && use.changes) {
            changes += use.count;
            if (is_of_one_role && random().below(++roles) == 0) {
                role_ = use.role;
            }
        }
    }
    free_changes_ = random().below(2) == 0 ? 0 : random().below(std::max(changes, 1u));
}

bool DelayChooser::is_change(unsigned thread, const Operation& operation) const {
    const uint32_t role = survey_.role(thread);
    if (operation.object == 0 || (role_ != Survey::no_role && role_ != role) ||
        survey_.object_at(operation.object) != object_) {
        return false;
    }
    if (operation.kind == OperationKind::lock || operation.kind == OperationKind::wait) {
        const Survey::Use* const use = survey_.use(role, object_);
        return use != nullptr && use->changes;
    }
    return changes_object(operation.kind);
}

unsigned DelayChooser::choose_thread(const Turn& turn) {
    Turn others = turn;
    if (object_ != Survey::no_object && free_changes_ == 0) {
        others.enabled = {};
        turn.for_each([&](unsigned thread) {
            if (!is_change(thread, turn.pending[thread])) {
                others.enabled.add(thread);
            }
        });
    }
    const Turn& drawn_from = others.enabled.is_empty() ? turn : others;
    const unsigned thread = drawn_from.thread(random().below(drawn_from.count()));
    const Operation& next = turn.pending[thread];
    if (free_changes_ != 0 && is_change(thread, next)) {
        --free_changes_;
    }
    survey_.note(thread, next);
    return turn.index_of(thread);
}

}  // namespace weave
