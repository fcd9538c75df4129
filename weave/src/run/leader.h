// A search by several processes: which one has which part. The parts keep the order of one process.
// A finding ends all parts that come after it, and those before it are finished: so the search ends
// with the same finding as one process would, after as many executions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/crew.h"
#include "run/part.h"

namespace weave {

/// What a worker says.
struct Report {
    enum class Kind : uint8_t {
        snapshot,  ///< what it has counted, and what is left
        gift,      ///< the same after it has given something away
        over       ///< the same, and it stops
    };
    Kind kind = Kind::snapshot;
    uint64_t part = 0;
    End end = End::finished;  ///< if it stops
    Tally tally;
    std::string plan;  ///< what is left; empty: unknown, and the one before holds with its tally
    std::string gift;

    std::string pack() const;
    static Report unpack(const std::string& message);
};

/// What the leader tells a worker: the part, its tally so far, and its plan.
std::string pack_task(const Part& part);
void unpack_task(const std::string& message, Part& part);

class Leader {
  public:
    /// Called between messages: is there a reason to end?
    using Tick = std::function<std::optional<End>(const Leader&)>;

    Leader(Parts& parts, unsigned jobs, const std::function<void(Line&)>& work, Tick tick)
        : parts_(parts), crew_(jobs, work), tick_(std::move(tick)), part_of_(crew_.count()) {}

    /// Returns why the search has stopped.
    End run();

    /// Executions of all parts, and their weight, as known now.
    uint64_t executions() const;
    double done() const;
    void ask_for_snapshots() const;

  private:
    bool is_idle() const;
    void hand_out();
    void ask_for_gifts();
    void ask_to_end(bool all);
    void take(unsigned worker, Report report);

    Parts& parts_;
    Crew crew_;
    const Tick tick_;
    std::optional<End> ends_;        ///< why all have to end
    std::vector<uint64_t> part_of_;  ///< the part of each worker; 0: it waits
};

}  // namespace weave
