// The path from the root of the tree of choices to the current execution. The next execution takes
// the next alternative of the deepest choice that has one left.
#include "run/choosers/dfs.h"

#include "run/pack.h"

namespace weave {

bool DfsChooser::begin() {
    settle();
    at_ = 0;
    preemptions_ = 0;
    left_out_ = {};
    is_settled_ = false;
    if (!has_begun_ || is_repeated_) {
        has_begun_ = true;
        is_repeated_ = false;
        return true;
    }
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().end) {
        path_.pop();
    }
    if (path_.empty()) {
        return false;
    }
    ++path_.back().chosen;
    return true;
}

/// Counts the weight of the last execution.
void DfsChooser::settle() {
    if (has_begun_ && !is_repeated_ && !is_settled_) {
        done_ += path_.empty() ? 1 : path_.back().weight;
        is_settled_ = true;
    }
}

unsigned DfsChooser::choose_thread(const Turn& turn) {
    const bool may_preempt =
        !turn.current_is_enabled() || preemptions_max_ < 0 || preemptions_ < preemptions_max_;
    if (!may_preempt && left_out_.bound == nullptr) {
        is_cut_ = true;
        left_out_ = {"preemptions", turn.step, turn.current};
    }
    const unsigned chosen = take(may_preempt ? turn.count() : 1);
    preemptions_ += turn.current_is_enabled() && chosen != 0 ? 1 : 0;
    return chosen;
}

unsigned DfsChooser::choose(Alternative, unsigned count) { return take(count); }

unsigned DfsChooser::take(unsigned count) {
    if (at_ < path_.size() && path_[at_].count != count) {
        forget_rest();
    }
    if (at_ == path_.size()) {
        WEAVE_CHECK(1 <= count && count <= UINT8_MAX, count);
        const double weight = (path_.empty() ? 1 : path_.back().weight) / count;
        path_.push({weight, 0, static_cast<uint8_t>(count), static_cast<uint8_t>(count)});
    }
    const Choice choice = path_[at_++];
    WEAVE_CHECK(choice.chosen < choice.count && choice.count == count, choice.chosen, choice.count,
                count);
    return choice.chosen;
}

/// The same choices have led to another place: something has outlived the execution before, such as
/// a static variable in the body of explore(). The rest of the path has no meaning any more.
void DfsChooser::forget_rest() {
    is_cut_ = has_diverged_ = true;
    path_.shrink(at_);
}

void DfsChooser::save(Packer& packer) {
    settle();
    packer.put(has_begun_);
    packer.put(is_cut_);
    packer.put(has_diverged_);
    packer.put(uint64_t{path_.size()});
    for (const Choice& choice : path_) {
        packer.put(choice.chosen);
        packer.put(choice.count);
        packer.put(choice.end);
    }
}

void DfsChooser::save_root(Packer& packer) {
    for (int i = 0; i < 3; ++i) {
        packer.put(false);
    }
    packer.put(uint64_t{0});
}

void DfsChooser::load(Unpacker& unpacker) {
    has_begun_ = unpacker.take<bool>();
    is_cut_ = unpacker.take<bool>();
    has_diverged_ = unpacker.take<bool>();
    path_.clear();
    for (size_t i = unpacker.take_count(); i != 0; --i) {
        Choice choice{path_.empty() ? 1 : path_.back().weight, unpacker.take<uint8_t>(),
                      unpacker.take<uint8_t>(), unpacker.take<uint8_t>()};
        if (choice.chosen >= choice.end || choice.end > choice.count) {
            throw std::runtime_error("no path");
        }
        choice.weight /= choice.count;
        path_.push(choice);
    }
    loaded_size_ = path_.size();
    is_settled_ = true;
    is_repeated_ = false;
    done_ = 0;
}

bool DfsChooser::give(Packer& packer, double weight_min) {
    settle();
    size_t at = 0;
    while (at < path_.size() && path_[at].chosen + 1 == path_[at].end) {
        ++at;
    }
    if (at == path_.size() || path_[at].weight < weight_min) {
        return false;
    }
    // The last alternative of the first choice that has one left. What is given is as if the
    // execution before it had just ended.
    const uint8_t given = --path_[at].end;
    put_path(packer, at, given, static_cast<uint8_t>(given + 1));
    return true;
}

/// The path up to a choice, as if the execution before it had just ended: it then takes the
/// alternatives from `chosen` on, below `end`.
void DfsChooser::put_path(Packer& packer, size_t last, uint8_t chosen, uint8_t end) const {
    WEAVE_CHECK(last < path_.size() && chosen != 0 && chosen < end, last, chosen, end);
    packer.put(has_begun_);
    packer.put(false);
    packer.put(false);
    packer.put(uint64_t{last + 1});
    for (size_t i = 0; i <= last; ++i) {
        const Choice& choice = path_[i];
        packer.put(static_cast<uint8_t>(i == last ? chosen - 1 : choice.chosen));
        packer.put(choice.count);
        packer.put(static_cast<uint8_t>(i == last ? end : choice.chosen + 1));
    }
}

bool DfsChooser::begin_anew() {
    path_.clear();
    loaded_size_ = 0;
    has_begun_ = false;
    return begin();
}

size_t DfsChooser::child_count() {
    size_t count = 0;
    for (size_t i = loaded_size_; i < path_.size(); ++i) {
        count += path_[i].count - 1u;
    }
    return count;
}

void DfsChooser::save_child(size_t child, Packer& packer) {
    size_t at = loaded_size_;
    for (; child >= path_[at].count - 1u; ++at) {
        child -= path_[at].count - 1u;
    }
    const auto chosen = static_cast<uint8_t>(child + 1);
    put_path(packer, at, chosen, static_cast<uint8_t>(chosen + 1));
}

}  // namespace weave
