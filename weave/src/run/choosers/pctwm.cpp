// An operation gets its number when its thread would run next; a load without a choice point, when
// it is asked for.
#include "run/choosers/pctwm.h"

#include <algorithm>
#include <utility>

namespace weave {

namespace {

// The paper's h: a drawn operation reads one of this many newest stores.
constexpr unsigned history = 3;

// A loop that waits for a store must see it in the end.
constexpr uint32_t newest_every = 64;

bool learns(OperationKind kind) {
    return kind == OperationKind::load || kind == OperationKind::rmw ||
           kind == OperationKind::lock || kind == OperationKind::wait;
}

}  // namespace

PctwmChooser::PctwmChooser(uint64_t seed, uint32_t depth)
    : RandomChooser(seed), depth_(std::clamp(depth, 1u, drawn_max)) {}

bool PctwmChooser::begin() {
    RandomChooser::begin();
    priorities_.begin_execution();
    drawn_count_ = 1 + random().below(depth_);
    for (uint32_t i = 0; i < drawn_count_; ++i) {
        drawn_[i] = 1 + random().below(operations_max_);
    }
    std::sort(drawn_, drawn_ + drawn_count_);
    drawn_count_ = static_cast<uint32_t>(std::unique(drawn_, drawn_ + drawn_count_) - drawn_);
    passed_ = operations_ = loads_ = 0;
    counted_ = external_ = {};
    kind_ = OperationKind::start;
    is_counted_ = is_external_ = false;
    return true;
}

/// Gives an operation its number.
bool PctwmChooser::is_next_drawn() {
    ++operations_;
    if (passed_ == drawn_count_ || drawn_[passed_] != operations_) {
        return false;
    }
    ++passed_;
    return true;
}

unsigned PctwmChooser::choose_thread(const Turn& turn) {
    priorities_.let_pollers_give_way(turn);
    unsigned thread = priorities_.highest(turn, random());
    while (learns(turn.pending[thread].kind) && !counted_.contains(thread)) {
        counted_.add(thread);
        if (is_next_drawn()) {
            external_.add(thread);
            priorities_.put_last(thread);
            thread = priorities_.highest(turn, random());
        }
    }
    kind_ = turn.pending[thread].kind;
    is_counted_ = counted_.contains(thread);
    is_external_ = external_.contains(thread);
    counted_.remove(thread);
    external_.remove(thread);
    return turn.index_of(thread);
}

unsigned PctwmChooser::choose(Alternative kind, unsigned count) {
    return kind == Alternative::store ? choose_store(count) : mostly_first(count);
}

unsigned PctwmChooser::choose_store(unsigned count) {
    const bool is_of_turn = std::exchange(is_counted_, false);
    if (is_of_turn ? std::exchange(is_external_, false) : is_next_drawn()) {
        return random().below(std::min(count - 1, history));
    }
    const bool is_rmw = is_of_turn && kind_ == OperationKind::rmw;
    return is_rmw || ++loads_ % newest_every == 0 ? 0 : count - 1;
}

void PctwmChooser::end(uint64_t) { operations_max_ = std::max(operations_max_, operations_); }

}  // namespace weave
