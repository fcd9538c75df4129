// An input decides one execution, and proves nothing about others.
#include "run/choosers/bytes.h"

#include <utility>

namespace weave {

bool BytesChooser::begin() {
    at_ = 0;
    turns_in_a_row_ = 0;
    return !std::exchange(is_done_, true);
}

unsigned BytesChooser::choose_thread(const Turn& turn) {
    return at_ < size_ ? take(turn.count()) : choose_without_bytes(turn);
}

unsigned BytesChooser::choose_without_bytes(const Turn& turn) {
    if (!turn.current_is_enabled()) {
        return 0;
    }
    turns_in_a_row_ = turn.current == last_thread_ ? turns_in_a_row_ + 1 : 0;
    last_thread_ = turn.current;
    const bool yields = turn.pending[turn.current].kind == OperationKind::yield;
    if (!yields && turns_in_a_row_ < turns_in_a_row_max) {
        return 0;
    }
    turns_in_a_row_ = 0;
    return 1;
}

unsigned BytesChooser::choose(Alternative, unsigned count) { return take(count); }

unsigned BytesChooser::take(unsigned count) {
    WEAVE_CHECK(count != 0);
    return at_ < size_ ? bytes_[at_++] % count : 0;
}

}  // namespace weave
