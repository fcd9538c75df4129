// A schedule as text: the settings that choices depend on, and the choices. It repeats an execution
// in any process of the same program, which `program`, a hash of
// its code, identifies.
//
//     weave-schedule 2
//     program=0123456789abcdef
//     memory=c20 spurious=1 reuse=1 plain=0 status=0 races=1 start=0 [hold=THREAD@STEP or
//     hold-atomic=...] 1 0*12 2 ...        a choice each; 0*12 is twelve times 0; all further ones
//     are 0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "run/settings.h"

namespace weave {

std::string schedule_text(const Settings& settings, const uint8_t* choices, size_t count,
                          uint64_t program);
/// Does the text begin like a schedule?
bool is_schedule(const std::string& text);
/// The inverse of schedule_text(). False if the text is not a valid schedule. A schedule without
/// the name of a program has 0.
bool parse_schedule(const std::string& text, Settings& settings, std::vector<uint8_t>& choices,
                    uint64_t& program);

}  // namespace weave
