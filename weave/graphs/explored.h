// Runs a program under a chooser until it has no execution left, and collects what each one is: its
// execution graph, and its outcome.
//
// This file is not instrumented; the programs are.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <run/chooser.h>

#include "../litmus/litmus.h"

namespace weave {
class Execution;
}

/// What a graph is, as text: of each thread its events with the stores that they read, and of each
/// object its stores in modification order. `has_clock`: what advances the clock is in an order
/// too.
std::string graph_of(const weave::Execution& execution, bool has_clock);

struct Found {
    uint64_t executions = 0;
    uint64_t blocked = 0;    ///< others, which ended early
    bool has_clock = false;  ///< the program looks at the clock
    bool is_complete = false;
    std::string limitation;  ///< why the search was one of depth first; empty: it was not
    std::string asymmetry;
    std::map<std::string, uint64_t> graphs;  ///< of executions without a finding
    std::set<std::string> outcomes;
};

/// Runs up to `limit` executions of a test. `has_clock`: a search other than Mode::exhaustive does
/// not know whether the program looks at the clock. If `restores_variables`, each begins with the
/// variables, those of the C++ library too, as they were when this was first asked for.
Found explore(const litmus::Test& test, weave::Chooser& chooser, weave::Memory memory,
              uint64_t limit, bool restores_variables, bool has_clock);

/// The command line of a test: NAME... [--pins FILE].
class Arguments {
  public:
    Arguments(int argc, char** argv);

    /// Is it one of the named programs, or are none named? Not if it is skipped.
    bool ask_for(const litmus::Test& test) const;
    /// Are these the numbers of executions in the file of pins, if there is one? If not, prints so
    /// and writes them to a file of that name and ".new" in the current folder.
    bool agree_with(const std::string& counts) const;

  private:
    std::set<std::string> names_;
    const char* pins_file_ = nullptr;
};
