// An input decides one execution, and proves nothing about others.
#include "run/choosers/bytes.h"

#include <utility>

namespace weave {

bool BytesChooser::begin() {
    at_ = 0;
    return !std::exchange(is_done_, true);
}

unsigned BytesChooser::choose_thread(const Turn& turn) { return take(turn.count()); }

unsigned BytesChooser::choose(Alternative, unsigned count) { return take(count); }

unsigned BytesChooser::take(unsigned count) {
    WEAVE_CHECK(count != 0);
    return at_ < size_ ? bytes_[at_++] % count : 0;
}

}  // namespace weave
