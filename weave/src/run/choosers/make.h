// From the options of a search to the chooser of its mode.
#pragma once

#include <memory>

#include <weave/weave.h>
#include "run/chooser.h"

namespace weave {

/// The chooser of `options.mode`. Allocates: not for use while an execution runs.
std::unique_ptr<Chooser> make_chooser(const Options& options);

}  // namespace weave
