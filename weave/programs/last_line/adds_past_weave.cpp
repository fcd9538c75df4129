// Compiled without weave's flags, and linked to a program that is compiled with them.
#include "adds_past_weave.h"

void add_past_weave(std::atomic<int>& to) { ++to; }
