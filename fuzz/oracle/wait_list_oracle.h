// Judges what a wait list did: its history has to be the model's, event by event.
#pragma once

#include <optional>

#include "fuzz/history/wait_list_history.h"
#include "fuzz/scenario/wait_list_schedule.h"
#include "fuzz/support/report.h"

namespace fuzz {

/// The first difference from the model, or nothing. Not thread-safe.
std::optional<Finding> judge(const WaitListSchedule& schedule, const WaitListHistory& history);

}  // namespace fuzz
