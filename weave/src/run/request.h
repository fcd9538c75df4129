// What WEAVE_OPTIONS asks for.
#pragma once

#include <string>

#include <weave/weave.h>

namespace weave {

struct Request {
    Options options;
    std::string replay;  ///< the content of a file
    bool has_replay = false;
    bool has_executions = false;
    bool has_progress = false;
    bool refuses_uninstrumented = true;
    bool warns_of_unseen = true;
    std::string json;
    std::string trace;
};

/// Ends the process: WEAVE_OPTIONS is wrong.
[[noreturn]] void refuse(const std::string& why);

/// The content of WEAVE_OPTIONS, which may be null. `seconds` without `executions` is the only
/// bound.
Request request_from(const char* text);

/// Prepares the choices. The file `replay` is a schedule, in any mode, or else holds the choices of
/// mode=bytes; without a file these come from standard input.
void set_replay(Request& request);

}  // namespace weave
