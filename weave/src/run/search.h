// The search: the loop over executions that is behind explore() and behind whole programs, which
// also show what they print, and their timeline on request.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include <weave/weave.h>

namespace weave {

class Execution;

/// Is told of every time that the body runs, outside of the execution.
class Watcher {
  public:
    virtual ~Watcher() = default;

    /// `is_finding`: the execution of a finding, which runs once more for its timeline.
    virtual void before_execution(bool is_finding) = 0;
    /// Called between executions, before anything is printed.
    virtual void before_report() = 0;
    /// Asked between executions: should the search end now?
    virtual bool wants_end() { return false; }
    /// Called after each execution, but not after one that runs once more.
    virtual void after_execution(Verdict verdict, int exit_status) = 0;
};

struct Search {
    bool is_program = false;       ///< the body is a whole program
    bool is_traced = false;        ///< a search without a finding gets a timeline too
    bool prints_estimate = false;  ///< of a search that takes longer than a second
    std::string arguments;         ///< of a whole program
    std::string trace;    ///< result: the timeline of the finding, or of the last execution
    int exit_status = 0;  ///< result: the first one other than 0 that an execution ended with
};

/// Options::replay is a schedule of another program, or of another build of this one.
class WrongSchedule : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

/// explore() for tests and for whole programs. Throws std::invalid_argument if Options::replay is
/// not a schedule, WrongSchedule, and WrongState. Not for use by several threads of the system at a
/// time.
Result search(const Options& options, Search& search, const std::function<void()>& body,
              Watcher& watcher);

/// What is allocated and registered between these calls, before main(), belongs to every execution.
/// `arguments` and `environment` are those of main().
void begin_start(char** arguments, char** environment);
void end_start();
/// Do the constructors of global objects run inside of each execution?
bool are_constructors_explored();

/// The execution of this process, made by the first call.
Execution& the_execution();
/// The deepest backlog that backlog() was told of since the last call.
uint64_t take_deepest_backlog();

}  // namespace weave
