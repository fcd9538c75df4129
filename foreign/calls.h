// The calls of a schedule, for `--export`: a line each, in words and numbers that a template makes
// a program of. commands/kit/reproducer.py reads them.
//
// They are written to the file that MAILPROOF_CALLS names, before each run, so that they are there
// when a run does not end.
#pragma once

#include <cstdlib>
#include <fstream>

namespace foreign {

/// Writes text(); nothing without the variable.
template <class Text>
void write_call_file(Text&& text) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
    static const char* const path = std::getenv("MAILPROOF_CALLS");
    if (path != nullptr) {
        std::ofstream(path) << text();
    }
}

}  // namespace foreign
