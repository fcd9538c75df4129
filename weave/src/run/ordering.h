// Ordering facts of executions: which store a load has read, and which of two operations on an
// object came first. A fact names operations in a way that other executions of the same program
// have too, so that it can be asked of each whether it obeys the fact.
//
// Two executions of which all facts are the same are the same, except for what only choices of
// other kinds decide, such as which waiter a signal wakes.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "run/event.h"

namespace weave {

/// An operation of an execution.
struct Point {
    enum class Kind : uint8_t {
        read,      ///< a load, an RMW or a failed compare-exchange
        write,     ///< a store or an RMW
        give_up,   ///< a failed compare-exchange or try_lock()
        take,      ///< of a lock, a semaphore or a once
        give,      ///< the same
        wait,      ///< for a lock or the like
        wake,      ///< the end of a wait
        announce,  ///< of a condition variable or a barrier
        start,     ///< the creation of a thread, by the creating one
        mark       ///< a point that the test has marked
    };
    uint16_t thread = 0;
    Kind kind = Kind::read;
    /// The thread's operations of this kind on the object are counted from 1. 0: any of them; as
    /// what was read, the initial value.
    uint32_t number = 0;
    uintptr_t object = 0;  ///< an address

    auto operator<=>(const Point&) const = default;
};

struct Fact {
    enum class Kind : uint8_t {
        reads,    ///< `second` reads the store `first`
        before,   ///< `first` comes before `second`, which may never happen
        happens,  ///< `second`; `first` is not used
    };
    Kind kind = Kind::reads;
    Point first;
    Point second;

    auto operator<=>(const Fact&) const = default;
};

/// A traced execution, and the facts that it obeys. Not for use while an execution runs.
class History {
  public:
    static constexpr size_t none = ~size_t{0};

    explicit History(std::span<const Event> events);

    const std::vector<Event>& events() const { return events_; }
    /// Does the execution obey the fact? Where an execution has ended before one of the operations
    /// of `reads` or `happens`, it does not.
    bool obeys(const Fact& fact) const;
    /// Does it obey all of them?
    bool obeys(std::span<const Fact> facts) const;
    /// All facts that tell this execution from others, without those that hold in any execution
    /// because only one thread uses an object. The last ones come first. `about_to` are operations
    /// that threads were about to make when it ended: what was done to their objects before them
    /// is a fact too.
    std::vector<Fact> facts(std::span<const Point> about_to = {}) const;
    /// The number of a thread's operations of that kind on that object.
    uint32_t count_of(Point point) const;

    /// The event of an operation, or none.
    size_t event_of(const Point& point) const;
    /// The event that has read the store of a fact `reads`, or none.
    size_t reader_of(const Fact& fact) const;
    /// The event whose store an event has read; none if it was the initial value, or no read.
    size_t read_by(size_t event) const { return from_[event]; }

    /// The operations of an event; two if it is an RMW.
    struct Points {
        unsigned count = 0;
        Point points[2];
    };
    const Points& points_of(size_t event) const { return points_[event]; }

  private:
    void add_reads(size_t event, std::vector<Fact>& facts) const;
    void add_orders(std::vector<Fact>& facts) const;

    std::vector<Event> events_;
    std::vector<Points> points_;
    std::vector<size_t> from_;
    std::map<Point, size_t> events_by_point_;
    std::map<uintptr_t, std::set<uint16_t>> writers_;  ///< the threads that write to an object
};

/// A way on which what one thread has done becomes visible to another: stores, and the loads that
/// have read them.
struct Passage {
    struct Step {
        size_t store;      ///< an event
        size_t load;       ///< the event that has read it
        bool is_released;  ///< the store releases what its thread did before
        bool is_acquired;  ///< the load acquires it
    };
    std::vector<Step> steps;
};

/// The way from `from`, from its operation at `from_step` or the next one on, to `to` up to its
/// operation at `to_step` on which the fewest orders are missing. Without steps if nothing has
/// passed.
Passage passage_between(const History& history, uint16_t from, uint32_t from_step, uint16_t to,
                        uint32_t to_step);

struct Facts;
/// The same between the two accesses of a finding.
Passage passage_of(const History& history, const Facts& facts);

/// The events of a part of one thread's execution.
struct Stretch {
    uint16_t thread;
    size_t first;
    size_t last;  ///< included

    bool has(const Event& event, size_t index) const {
        return event.thread == thread && first <= index && index <= last;
    }
};

/// The parts that a judgement is about. Of a single mark, the few operations before it.
std::vector<Stretch> stretches_of(const History& history, const Facts& facts);

/// The smallest set of columns such that each row has one of them: rows are sets of columns. Of
/// equally small ones, the one with the lowest columns. Exact for up to three columns, greedy for
/// more, and then each column is needed by some row. Empty rows are left out.
std::vector<size_t> smallest_hitting_set(const std::vector<std::vector<bool>>& rows,
                                         size_t columns);

}  // namespace weave
