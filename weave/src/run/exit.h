// How an execution of a program exits: the handlers of atexit() and destructors of statics, and the
// exit status.
#pragma once

#include <cstddef>

#include "run/base.h"

namespace weave {

/// A function that the program wants to be called when it exits.
struct ExitHandler {
    void (*function)(void*);
    void* argument;
};

class Exit {
  public:
    static constexpr size_t handlers_max = size_t{1} << 16;

    void begin_execution();
    /// Makes the handlers that there are now part of every later execution.
    void keep_start();

    void add(ExitHandler handler) { handlers_.push(handler); }
    /// False if exit() is running already.
    bool begin(int status);
    /// Removes the newest handler. False if there is none left.
    bool take_newest(ExitHandler& newest);

    int status() const { return status_; }
    void set_status(int status) { status_ = status; }

  private:
    Growing<ExitHandler, handlers_max> handlers_;
    Growing<ExitHandler, handlers_max> first_handlers_;  ///< added before main()
    bool is_running_ = false;
    int status_ = 0;
};

}  // namespace weave
