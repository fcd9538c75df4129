// The search through graphs, and what takes its place for programs that it does not model.
#include "run/choosers/exhaustive.h"

#include "run/pack.h"

namespace weave {

ExhaustiveChooser::ExhaustiveChooser(int32_t preemptions, bool is_symmetric, bool is_digesting)
    : graph_(is_symmetric, is_digesting), dfs_(preemptions) {
    if (preemptions >= 0) {
        is_dfs_ = true;
        limitation_ = "a bound on preemptions";
    }
}

bool ExhaustiveChooser::begin() { return is_dfs_ ? dfs_.begin() : graph_.begin(); }

void ExhaustiveChooser::repeat() {
    if (is_dfs_) {
        dfs_.repeat();
    } else if (graph_.unsupported() != nullptr) {
        // The search begins anew.
        is_dfs_ = true;
        limitation_ = graph_.unsupported();
    } else if (graph_.wants_anew()) {
        asymmetry_ = graph_.asymmetry() == nullptr ? "" : graph_.asymmetry();
        graph_.prepare_anew();
    } else {
        graph_.repeat();
    }
}

unsigned ExhaustiveChooser::choose(Alternative kind, unsigned count) {
    if (is_dfs_) {
        return dfs_.choose(kind, count);
    }
    if (kind == Alternative::limit) {
        return graph_.choose_limit();
    }
    if (kind == Alternative::sleep) {
        return graph_.choose_sleep();
    }
    if (kind == Alternative::failure) {
        return graph_.choose_failure();
    }
    if (kind != Alternative::wake_up && kind != Alternative::waiter) {
        graph_.meets("a loop that counts its rounds, or a wait");
    }
    return graph_.choose(count);
}

bool ExhaustiveChooser::is_complete() const {
    return is_dfs_ ? dfs_.is_complete() : graph_.unsupported() == nullptr && !graph_.is_cut();
}

bool ExhaustiveChooser::wants_repeat() {
    return wants_anew() || (!is_dfs_ && graph_.wants_repeat());
}

bool ExhaustiveChooser::can_be_saved() {
    return is_dfs_ ? dfs_.can_be_saved() : graph_.can_be_saved();
}

void ExhaustiveChooser::save(Packer& packer) {
    packer.put(is_dfs_);
    packer.put_text(limitation_);
    packer.put_text(asymmetry_);
    if (is_dfs_) {
        dfs_.save(packer);
    } else {
        graph_.save(packer);
    }
}

void ExhaustiveChooser::load(Unpacker& unpacker) {
    is_dfs_ = unpacker.take<bool>();
    limitation_ = unpacker.take_text();
    asymmetry_ = unpacker.take_text();
    if (is_dfs_) {
        dfs_.load(unpacker);
    } else {
        graph_.load(unpacker);
    }
}

void ExhaustiveChooser::save_anew(Packer& packer) {
    packer.put(is_dfs_);
    packer.put_text(limitation_);
    packer.put_text(asymmetry_);
    if (is_dfs_) {
        DfsChooser::save_root(packer);
    } else {
        graph_.save_root(packer);
    }
}

bool ExhaustiveChooser::give(Packer& packer, double weight_min) {
    packer.put(is_dfs_);
    packer.put_text(limitation_);
    packer.put_text(asymmetry_);
    return is_dfs_ ? dfs_.give(packer, weight_min) : graph_.give(packer, weight_min);
}

bool ExhaustiveChooser::begin_anew() { return is_dfs_ ? dfs_.begin_anew() : graph_.begin_anew(); }

size_t ExhaustiveChooser::child_count() {
    return is_dfs_ ? dfs_.child_count() : graph_.item_count();
}

void ExhaustiveChooser::save_child(size_t child, Packer& packer) {
    packer.put(is_dfs_);
    packer.put_text(limitation_);
    packer.put_text(asymmetry_);
    if (is_dfs_) {
        dfs_.save_child(child, packer);
    } else {
        graph_.save_item(child, packer);
    }
}

}  // namespace weave
