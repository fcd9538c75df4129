// Exceptions that the program under test does not catch, and std::terminate(), become findings.
#pragma once

#include <exception>

namespace weave {

/// Installs the handler of std::terminate() for its own lifetime. Outside of an execution the
/// handler aborts the process.
class TerminateHandler {
  public:
    TerminateHandler();
    TerminateHandler(const TerminateHandler&) = delete;
    TerminateHandler& operator=(const TerminateHandler&) = delete;
    ~TerminateHandler();

  private:
    const std::terminate_handler before_;
};

}  // namespace weave
