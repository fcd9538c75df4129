// Defined in a file that is compiled without weave's flags.
#pragma once

#include <atomic>

void add_past_weave(std::atomic<int>& to);
