// What a target under weave does with a scenario and a schedule. The scenario is plain C++ with
// threads; which of the two files with this function a target links decides what that means.
#pragma once

#include <functional>

#include "fuzz/kit/schedule_format.h"

namespace fuzz {

/// Runs `scenario`: once, as the bytes of `schedule` say (weave_runner.cpp), or a few times on
/// real threads (thread_runner.cpp). Reports what is found as a finding of `target`; under weave
/// also that it took fewer than `steps_min` steps, as code does that was not instrumented.
void run_explored(const char* target, Bytes schedule, uint64_t steps_min,
                  const std::function<void()>& scenario);

}  // namespace fuzz
