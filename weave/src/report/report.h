// What a person reads: a finding with its places in the source, and the timeline of its execution.
#pragma once

#include <string>
#include <vector>

#include "run/execution.h"

namespace weave {

/// A schedule as text: the settings that choices depend on, and the choices.
std::string schedule_text(const Settings& settings, const uint8_t* choices, size_t count);
/// Does it begin like one?
bool is_schedule(const std::string& text);
/// The reverse of schedule_text(). False if it is no schedule.
bool parse_schedule(const std::string& text, Settings& settings, std::vector<uint8_t>& choices);

/// The finding of a traced execution.
std::string report_text(Execution& execution);

}  // namespace weave
