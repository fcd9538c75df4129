// Tables that are found through hashes but never ordered by them: addresses differ between
// processes, and what is learned must not.
#include "run/choosers/survey.h"

#include <algorithm>

namespace weave {

namespace {

constexpr uint64_t pair(uint32_t a, uint32_t b) { return uint64_t{a} << 32 | b; }

}  // namespace

Survey::Survey() {
    roles_.push({no_role, 0});
    roles_.push({no_role, 0});
    role_count_ = 2;
}

void Survey::begin_execution() {
    ++execution_;
    std::fill_n(roles_of_, size_t{64} * thread_words, no_role);
    std::fill_n(children_of_, size_t{64} * thread_words, 0);
    std::fill_n(sections_, size_t{64} * thread_words, Section{});
    roles_of_[0] = first_role;
}

void Survey::created(unsigned parent, unsigned child) {
    const uint32_t number = children_of_[parent]++;
    roles_of_[child] =
        roles_of_[parent] == no_role ? no_role : find_role(roles_of_[parent], number);
    children_of_[child] = 0;
    sections_[child] = {};
}

void Survey::note(unsigned thread, const Operation& operation) {
    const uint32_t role = roles_of_[thread];
    if (operation.object == 0 || role == no_role) {
        return;
    }
    const uint32_t object = find_object(operation.object, role);
    Use* const use = object == no_object ? nullptr : find_use(role, object);
    if (use == nullptr) {
        return;
    }
    Object& used = objects_[object];
    used.is_shared |= used.first_role != role;
    used.is_written |= changes_object(operation.kind);
    switch (operation.kind) {
        case OperationKind::lock:
            sections_[thread] = {operation.object, operation.changes};
            break;
        case OperationKind::unlock:
            // Only the inner one of nested locks is ever known to protect no change.
            use->changes |= sections_[thread].lock != operation.object ||
                            sections_[thread].changes != operation.changes;
            sections_[thread] = {};
            used.is_changed |= use->changes;
            return;
        default:
            use->changes |= changes_object(operation.kind);
            used.is_changed |= use->changes;
    }
    use->current = use->execution == execution_ ? use->current + 1 : 1;
    use->execution = execution_;
    use->count = std::max(use->count, use->current);
}

uint32_t Survey::object_at(uintptr_t address) const {
    return object_index_.find(address, [&](uint32_t object) {
        return objects_[object].address == address;
    }) - 1;
}

const Survey::Use* Survey::use(uint32_t role, uint32_t object) const {
    const uint32_t found = use_index_.find(pair(role, object), [&](uint32_t i) {
        return uses_[i].role == role && uses_[i].object == object;
    });
    return found == 0 ? nullptr : &uses_[found - 1];
}

uint32_t Survey::find_role(uint32_t parent, uint32_t number) {
    uint32_t& slot = role_index_.find(pair(parent, number), [&](uint32_t role) {
        return roles_[role].parent == parent && roles_[role].number == number;
    });
    if (slot == 0) {
        if (roles_.is_full()) {
            return no_role;
        }
        roles_.push({parent, number});
        slot = ++role_count_;
    }
    return slot - 1;
}

uint32_t Survey::find_object(uintptr_t address, uint32_t role) {
    uint32_t& slot = object_index_.find(
        address, [&](uint32_t object) { return objects_[object].address == address; });
    if (slot == 0) {
        if (objects_.is_full()) {
            return no_object;
        }
        objects_.push({address, role, false, false, false});
        slot = static_cast<uint32_t>(objects_.size());
    }
    return slot - 1;
}

Survey::Use* Survey::find_use(uint32_t role, uint32_t object) {
    uint32_t& slot = use_index_.find(pair(role, object), [&](uint32_t i) {
        return uses_[i].role == role && uses_[i].object == object;
    });
    if (slot == 0) {
        if (uses_.is_full()) {
            return nullptr;
        }
        uses_.push({role, object, 0, 0, 0, false});
        slot = static_cast<uint32_t>(uses_.size());
    }
    return &uses_[slot - 1];
}

}  // namespace weave
