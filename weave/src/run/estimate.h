// How many executions a search will have, from random ones.
#pragma once

#include <functional>
#include <string>

#include <weave/weave.h>
#include "run/chooser.h"

namespace weave {

/// Estimates from parts of the search that are drawn at random, until there are enough or
/// `wants_end` says so. `execute` runs one execution with the choices of the chooser; false: the
/// search does not model the program.
Estimate estimate(Chooser& chooser, uint64_t seed, const std::function<bool()>& execute,
                  const std::function<bool()>& wants_end);

/// "about 200,000 executions, 100,000 to 400,000; about 2 s"
std::string text_of(const Estimate& estimate);

/// A number with commas, such as "1,234".
std::string with_commas(double number);
/// A time, such as "2 s", "3 min" or "5 h".
std::string time_text(double seconds);

}  // namespace weave
