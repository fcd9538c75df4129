// Two functions that reach what they change by a pointer only, compiled without weave's flags.
#pragma once

void add_by_pointer(int* to);
extern "C" void add_in_assembly(int* to);
