// From the options of a search to the chooser of its mode.
#pragma once

#include <memory>

#include <weave/weave.h>
#include "run/chooser.h"
#include "run/sight.h"

namespace weave {

/// The chooser of `options.mode`. With `options.wishes` it looks at its executions by `sight`,
/// which is not null then. Allocates: not for use while an execution runs.
std::unique_ptr<Chooser> make_chooser(const Options& options, Sight* sight = nullptr);

}  // namespace weave
