// The handlers run newest first, as C requires of atexit() (C17 7.22.4.4) and C++ of the
// destructors of statics ([basic.start.term]).
#include "run/exit.h"

namespace weave {

void Exit::begin_execution() {
    handlers_.clear();
    WEAVE_CHECK(handlers_.empty());
    handlers_.append(first_handlers_.begin(), first_handlers_.size());
    is_running_ = false;
    status_ = 0;
}

void Exit::keep_start() {
    WEAVE_CHECK(first_handlers_.empty() && !is_running_, first_handlers_.size(), is_running_);
    first_handlers_.append(handlers_.begin(), handlers_.size());
}

bool Exit::begin(int status) {
    if (is_running_) {
        return false;
    }
    is_running_ = true;
    status_ = status;
    return true;
}

bool Exit::take_newest(ExitHandler& newest) {
    if (handlers_.empty()) {
        return false;
    }
    WEAVE_CHECK(is_running_);
    newest = handlers_.back();
    handlers_.pop();
    return true;
}

}  // namespace weave
