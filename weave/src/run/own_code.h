// Included first into every file of the runtime: puts its code into a section of its own, so that
// the entry points of the C library tell the program's calls from the runtime's.
#pragma once

#pragma clang section text = "weave_code"
