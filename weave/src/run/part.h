// The parts that a search through all executions is split into: for several processes, and for a
// later run that continues it. They stand in the order in which one process would run them, so what
// comes first among all is what comes first in the first part that has it.
#pragma once

#include <cstdint>
#include <list>
#include <string>

#include "run/tally.h"

namespace weave {

/// Why a search has stopped, or one process with its part of it.
enum class End : uint8_t {
    finished,     ///< nothing is left
    finding,      ///< it has a finding
    executions,   ///< Options::executions
    seconds,      ///< Options::seconds
    interrupted,  ///< by a signal
    undecided,    ///< too many executions said nothing
    stalled,      ///< an execution had to be stopped from outside
    begins_anew,  ///< it has to begin anew as Mode::dfs
    told,         ///< the process that leads has asked for it
    estimate,     ///< there was only to be one
    splits        ///< it is large enough for several processes
};

struct Part {
    uint64_t id = 0;
    Tally tally;            ///< of its executions so far
    std::string plan;       ///< what is left, as Chooser::load() takes it; empty: all of it
    bool is_over = false;   ///< nothing is left
    bool ends_all = false;  ///< one process would end here, or begin anew
    bool is_running = false;
    End end = End::finished;  ///< if it ends all
};

class Parts {
  public:
    /// One part: the whole search.
    Parts();

    /// The first part that is neither over nor running, or null.
    Part* next_open();
    Part* find(uint64_t id);
    /// Adds what a part has given away last: it comes right after that part.
    Part& add_after(const Part& part, std::string plan);
    /// Removes all parts after one.
    void drop_after(const Part& part);
    /// Adds up neighbours that are over.
    void fold();
    /// Marks the part in which the program has ended with exit status 0 and with another one, if
    /// the parts before it are over and have ended with only one of them. Null if there is none.
    Part* mark_statuses();
    /// Is every part over?
    bool is_over() const;
    /// What one process would have counted: of all parts up to the first one that ends all. The
    /// last one of these may not be over yet.
    Tally total() const;
    /// The first part that ends all, if those before it are over; otherwise null.
    Part* decider();
    size_t open_count() const;

    const std::list<Part>& all() const { return parts_; }

    std::string save() const;
    /// Throws std::runtime_error.
    void load(const std::string& bytes);

  private:
    std::list<Part> parts_;
    uint64_t next_id_ = 1;
};

}  // namespace weave
