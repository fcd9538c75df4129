// Priorities are drawn when a thread first takes part in a turn: how many there will be is not
// known before.
#include "run/choosers/priorities.h"

#include <algorithm>

namespace weave {

void Priorities::begin_execution() {
    std::fill_n(of_, size_t{64} * thread_words, 0);
    lowest_ = first_low;
    turns_in_a_row_ = 0;
}

void Priorities::let_pollers_give_way(const Turn& turn) {
    if (!turn.current_is_enabled()) {
        return;
    }
    turns_in_a_row_ = turn.current == last_ ? turns_in_a_row_ + 1 : 1;
    last_ = turn.current;
    if (turns_in_a_row_ == turns_in_a_row_max ||
        turn.pending[turn.current].kind == OperationKind::yield) {
        turns_in_a_row_ = 0;
        put_last(turn.current);
    }
}

}  // namespace weave
