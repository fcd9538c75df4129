// The search through graphs, and what takes its place for programs that it does not model.
#include "run/choosers/exhaustive.h"

namespace weave {

ExhaustiveChooser::ExhaustiveChooser(int32_t preemptions) : dfs_(preemptions) {
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
    if (kind != Alternative::failure && kind != Alternative::wake_up &&
        kind != Alternative::waiter) {
        graph_.meets("a loop that counts its rounds, or a wait");
    }
    return graph_.choose(count);
}

bool ExhaustiveChooser::is_complete() const {
    return is_dfs_ ? dfs_.is_complete() : graph_.unsupported() == nullptr && !graph_.is_cut();
}

bool ExhaustiveChooser::wants_repeat() {
    return !is_dfs_ && (graph_.unsupported() != nullptr || graph_.wants_repeat());
}

}  // namespace weave
