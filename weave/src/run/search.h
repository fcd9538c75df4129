// explore(), as whole programs need it: they show what they print, and their timeline on request.
#pragma once

#include <functional>
#include <string>

#include <weave/weave.h>

namespace weave {

/// Is told of every time that the body runs, outside of it.
class Watcher {
  public:
    virtual ~Watcher() = default;

    /// `is_finding`: the execution of a finding, which runs once more for its timeline.
    virtual void before_execution(bool is_finding) = 0;
    /// Between the executions, before anything is printed.
    virtual void before_report() = 0;
    /// After each execution, but for those that are run once more.
    virtual void after_execution(Verdict verdict, int exit_status) = 0;
};

struct Search {
    bool is_program = false;  ///< the body is all of a program
    bool is_traced = false;   ///< an exploration without a finding has a timeline as well
    std::string trace;        ///< the timeline: of the finding, or of the last execution
};

Result search(const Options& options, Search& search, const std::function<void()>& body,
              Watcher& watcher);

/// From now on until explore() what is allocated and registered belongs to every execution.
void begin_start();
void end_start();

}  // namespace weave
