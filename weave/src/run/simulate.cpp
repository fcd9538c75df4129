// The entry of ThreadSanitizer's simulation of schedules, for programs that are written for that.
#include <weave/weave.h>

#include <cstdlib>

#include "run/active.h"
#include "run/request.h"

extern "C" {

int __tsan_simulate(void (*callback)(void*), void* argument);

/// Explores a call of `callback(argument)`, as WEAVE_OPTIONS says. Each execution begins with the
/// variables as they are now. Returns 0 if nothing was found, otherwise 1. Inside an execution,
/// which is explored already, it calls the callback once and returns 0.
int __tsan_simulate(void (*callback)(void*), void* argument) {
    if (weave::active != nullptr) {
        callback(argument);
        return 0;
    }
    weave::Request request = weave::request_from(std::getenv("WEAVE_OPTIONS"));
    weave::set_replay(request);
    request.options.restores_variables = true;
    const weave::Result result =
        weave::explore(request.options, [callback, argument] { callback(argument); });
    return result.verdict == weave::Verdict::ok ? 0 : 1;
}
}
