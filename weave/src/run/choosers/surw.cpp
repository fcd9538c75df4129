// Which objects matter is drawn for each execution: all that are contended, or one of them.
#include "run/choosers/surw.h"

#include <algorithm>

namespace weave {

bool SurwChooser::begin() {
    RandomChooser::begin();
    survey_.begin_execution();
    priorities_.begin_execution();
    draw_objects();
    count_operations();
    intended_ = threads_max;
    return true;
}

void SurwChooser::draw_objects() {
    uint32_t contended = 0;
    const auto count = static_cast<uint32_t>(survey_.object_count());
    for (uint32_t object = 0; object < count; ++object) {
        is_interesting_[object] = survey_.is_contended(object);
        contended += is_interesting_[object] ? 1 : 0;
    }
    if (contended < 2 || random().below(2) == 0) {
        return;
    }
    uint32_t drawn = random().below(contended);
    for (uint32_t object = 0; object < count; ++object) {
        is_interesting_[object] = is_interesting_[object] && drawn-- == 0;
    }
}

/// A thread has its own operations and those of the threads that it is yet to create.
void SurwChooser::count_operations() {
    const uint32_t roles = survey_.role_bound();
    std::fill(left_of_role_, left_of_role_ + roles, 0);
    for (const Survey::Use& use : survey_) {
        left_of_role_[use.role] += is_interesting_[use.object] ? use.count : 0;
    }
    // A role is found after that of its parent.
    for (uint32_t role = roles; --role > Survey::first_role;) {
        left_of_role_[survey_.parent(role)] += left_of_role_[role];
    }
    left_[0] = left_of_role_[Survey::first_role];
}

void SurwChooser::created(unsigned parent, unsigned child) {
    survey_.created(parent, child);
    const uint32_t role = survey_.role(child);
    const uint32_t moved = role == Survey::no_role ? 0 : left_of_role_[role];
    const uint32_t before = left_[parent];
    left_[child] = moved;
    left_[parent] = before - std::min(before, moved);
    // What was intended for the parent is the child's in proportion to what it takes over.
    if (intended_ == parent && before != 0 && random().below(before) < moved) {
        intended_ = child;
    }
}

bool SurwChooser::is_of_interest(const Operation& operation) const {
    if (operation.object == 0 || operation.kind == OperationKind::unlock) {
        return false;
    }
    const uint32_t object = survey_.object_at(operation.object);
    return object != Survey::no_object && is_interesting_[object];
}

/// Threads that have none left, as far as is known, are drawn if no other can be.
void SurwChooser::draw_intended(const Turn& turn) {
    uint64_t total = 0;
    turn.for_each([&](unsigned thread) { total += left_[thread]; });
    if (total == 0) {
        intended_ = turn.thread(random().below(turn.count()));
        return;
    }
    uint64_t drawn = random().below(static_cast<unsigned>(std::min<uint64_t>(total, 1u << 31)));
    intended_ = threads_max;
    turn.for_each([&](unsigned thread) {
        if (intended_ == threads_max && drawn < left_[thread]) {
            intended_ = thread;
        }
        drawn -= std::min<uint64_t>(drawn, left_[thread]);
    });
}

unsigned SurwChooser::choose_thread(const Turn& turn) {
    priorities_.let_pollers_give_way(turn);
    if (intended_ == threads_max) {
        draw_intended(turn);
    }
    const auto may_run = [&](unsigned thread) {
        return thread == intended_ || !is_of_interest(turn.pending[thread]);
    };
    unsigned thread = priorities_.highest(turn, random(), may_run);
    if (thread == threads_max) {
        // The intended thread cannot run, or it has ended.
        draw_intended(turn);
        thread = intended_;
    }
    const Operation& next = turn.pending[thread];
    if (is_of_interest(next)) {
        left_[thread] -= left_[thread] != 0 ? 1 : 0;
        intended_ = threads_max;
    }
    survey_.note(thread, next);
    return turn.index_of(thread);
}

}  // namespace weave
