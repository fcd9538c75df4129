// The processes that the program has started: what a thread waits for may come from one of them.
#pragma once

#include "run/execution.h"

namespace weave {

/// What a waiting thread looks for. One lives on the stack of the thread while its wait lasts.
class Look {
  public:
    /// `function` does not block, and returns 0 if it has seen nothing.
    Look(int (*function)(void*), void* argument) : function_(function), argument_(argument) {}

    /// What the function returns. Once it has seen something, that stays.
    int see(Execution& execution);
    /// To be called before the current thread waits: then a process may end its wait.
    void begin_wait(Execution& execution);

  private:
    int (*const function_)(void*);
    void* const argument_;
    int seen_ = 0;
};

}  // namespace weave
