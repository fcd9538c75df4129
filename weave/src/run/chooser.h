// What decides an execution: a Chooser is asked wherever more than one thing can happen next.
//
// A *choice* is one decision, an *alternative* one of the things that it can pick, a *turn* one
// choice between threads. An answer is a number below the number of alternatives. 0 is always the
// plain one: this thread continues, the load returns the newest store, the wait does not end
// without a reason.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include <weave/weave.h>
#include "graph/digest.h"
#include "run/base.h"
#include "run/settings.h"

namespace weave {

/// What a thread is about to do, as far as a chooser has to know.
enum class OperationKind : uint8_t {
    start,
    load,
    store,
    rmw,
    fence,
    lock,
    unlock,
    wait,
    wake,
    yield,  ///< or a sleep: the thread gives way to others
    other
};

struct Operation {
    uintptr_t object = 0;  ///< the address of the atomic object or the lock; 0: none
    uint32_t changes = 0;  ///< ThreadState::changes: an equal one says that nothing has changed
    OperationKind kind = OperationKind::start;
};

/// Does an operation change its object, or may it? Taking a lock does. Giving it back is not
/// counted: no other thread can take it before.
inline bool changes_object(OperationKind kind) {
    return kind == OperationKind::store || kind == OperationKind::rmw ||
           kind == OperationKind::lock || kind == OperationKind::wake;
}

/// Does the order of two operations of different threads matter?
inline bool race(const Operation& a, const Operation& b) {
    return a.object != 0 && a.object == b.object &&
           (changes_object(a.kind) || changes_object(b.kind));
}

/// A choice of the thread that runs next.
struct Turn {
    /// Limit of the alternatives; of more threads, the others are in later turns.
    static constexpr unsigned alternatives_max = 255;

    ThreadSet enabled;         ///< threads that can run; at least two
    unsigned current;          ///< the thread that runs now; it may be missing
    uint64_t step;             ///< number of steps of the execution so far
    const Operation* pending;  ///< each thread's next operation, by thread

    /// The number of alternatives.
    unsigned count() const {
        const unsigned count = enabled.count();
        if (thread_words == 1) [[likely]] {
            return count;
        }
        return count < alternatives_max ? count : alternatives_max;
    }
    bool current_is_enabled() const { return enabled.contains(current); }

    /// Calls `visit` with the thread of each alternative, in their order.
    template <class Visit>
    void for_each(Visit visit) const {
        unsigned left = alternatives_max;
        unsigned thread = enabled.next(current);
        for (; thread != threads_max && left != 0; thread = enabled.next(thread + 1), --left) {
            visit(thread);
        }
        for (thread = enabled.first(); thread < current && left != 0;
             thread = enabled.next(thread + 1), --left) {
            visit(thread);
        }
    }

    /// The thread of an alternative: 0 is the current thread if it can run, and then come those
    /// with higher ids, and those with lower ones.
    WEAVE_HOT unsigned thread(unsigned index) const {
        WEAVE_CHECK(index < count(), index, enabled.first_word());
        if (thread_words == 1 && enabled.first_word() < 16) [[likely]] {
            return thread_of_four(index);
        }
        if (thread_words == 1) {
            uint64_t from_current = std::rotr(enabled.first_word(), static_cast<int>(current));
            for (; index != 0; --index) {
                from_current &= from_current - 1;
            }
            return (current + static_cast<unsigned>(std::countr_zero(from_current))) % 64;
        }
        unsigned thread = next_around(current);
        for (; index != 0; --index) {
            thread = next_around(thread + 1);
        }
        return thread;
    }

    /// The alternative of a thread that can run; the inverse of thread().
    unsigned index_of(unsigned thread) const {
        WEAVE_CHECK(enabled.contains(thread), thread, enabled.first_word());
        unsigned index = 0;
        for (unsigned other = next_around(current); other != thread;
             other = next_around(other + 1)) {
            ++index;
        }
        return index;
    }

  private:
    /// thread() if there are no threads but the first four: without a branch, as none could be
    /// foretold.
    WEAVE_HOT unsigned thread_of_four(unsigned index) const {
        // For each set the numbers of its threads, four bits each.
        static constexpr uint16_t threads[16] = {0, 0,    1,    0x10,  2,    0x20,  0x21,  0x210,
                                                 3, 0x30, 0x31, 0x310, 0x32, 0x320, 0x321, 0x3210};
        const uint64_t set = enabled.first_word();
        // The threads before the current one come after all others.
        unsigned place = index + ThreadSet(set & ((uint64_t{1} << current) - 1)).count();
        place -= place >= count() ? count() : 0;
        return threads[set] >> 4 * place & 15;
    }

    /// The first thread from `from` on, or else the first of all.
    unsigned next_around(unsigned from) const {
        unsigned thread = enabled.next(from);
        if (thread == threads_max) {
            thread = enabled.first();
        }
        WEAVE_CHECK(thread != threads_max, enabled.first_word(), current);
        return thread;
    }
};

/// What a choice other than a turn is about. The number is the answer.
enum class Alternative : uint8_t {
    store,      ///< the store that a load returns; a larger number is an older store
    placement,  ///< the place of a store in the modification order; a larger number is earlier
    failure,    ///< whether a weak compare-exchange fails spuriously
    waiter,     ///< the waiter that a signal wakes
    patience,   ///< whether a loop that counts its rounds continues before all other threads
    wake_up,    ///< whether a wait ends spuriously when no thread could run otherwise
    reuse,      ///< whether malloc returns memory that was freed
    limit,      ///< whether a wait ends by its limit, in a search through execution graphs
    sleep,      ///< whether a wait on a futex sleeps, in a search through execution graphs
};

class GraphSearch;
class Packer;
class Unpacker;

/// What a bound of the search has left out of an execution.
struct LeftOut {
    const char* bound = nullptr;  ///< its option, or null if nothing was left out
    uint64_t step = 0;            ///< the first place
    unsigned thread = 0;
};

/// The part of a search that one of several choosers has had.
struct Share {
    Mode mode;
    uint64_t executions;  ///< of this chooser, with the last one; 0: there is no other chooser
};

class Chooser {
  public:
    virtual ~Chooser() = default;

    /// Called before each execution. False if there is none left.
    virtual bool begin() = 0;
    /// Called between begin() and the next one, which then begins the same execution again, or
    /// another one in its place if the chooser has learned from what it has seen of it.
    virtual void repeat() = 0;
    /// Called when a thread has created another, which has not run yet.
    virtual void created(unsigned parent, unsigned child) { (void)parent, (void)child; }
    /// A number below turn.count().
    virtual unsigned choose_thread(const Turn& turn) = 0;
    /// A number below `count`, which is at least 2.
    virtual unsigned choose(Alternative kind, unsigned count) = 0;
    /// Called after each execution, with the number of its steps.
    virtual void end(uint64_t steps) { (void)steps; }
    /// Called after begin() has returned false: were all executions seen?
    virtual bool is_complete() const { return false; }
    /// Called after an execution: which of several choosers has made its choices?
    virtual Share share() const { return {}; }
    /// Have the same choices led to another place than before?
    virtual bool has_diverged() const { return false; }
    /// What decides on threads and stores instead of this chooser, or null. Every operation is then
    /// a choice point: see Settings::all_turns and Settings::as_in_graphs.
    virtual GraphSearch* graph() { return nullptr; }
    /// Does it look at what each operation does? Then the execution is traced, and every atomic
    /// access is a choice point.
    virtual bool watches() const { return false; }
    /// Called after each execution: does it not count, because it has only answered a question or
    /// the search begins anew?
    virtual bool wants_repeat() { return false; }
    /// Does the search begin anew, as Mode::dfs or without symmetry? repeat() sees to that.
    virtual bool wants_anew() const { return false; }
    /// Called after each execution: has it ended early, because others cover what it could still
    /// do? It says nothing then.
    virtual bool was_blocked() const { return false; }
    /// Called after an execution that was blocked: is it not to be counted either?
    virtual bool was_dropped() const { return false; }
    /// Why the search is not the one that was asked for, in a few words, or null.
    virtual const char* limitation() const { return nullptr; }
    /// Why threads that have begun alike are not taken for the same, or null.
    virtual const char* asymmetry() const { return nullptr; }
    /// Called after an execution.
    virtual LeftOut left_out() const { return {}; }

    // ----- a search through all executions only -------------------------------------------------

    /// How much of the search is over, of 1 for all of it or for the part that load() has begun.
    virtual double done() const { return 0; }
    /// Number of plans for which no execution was run.
    virtual uint64_t dropped() const { return 0; }
    /// Called after an execution without a finding, if graph(): what it has done.
    virtual Digest digest() { return {}; }
    /// Called after an execution: does what follows it depend on that execution?
    virtual bool can_be_saved() { return false; }
    /// Called after an execution, if can_be_saved(). Writes what is left of the search; another
    /// process of the same program can continue it.
    virtual void save(Packer& packer) { (void)packer; }
    /// Called before begin(). Throws std::runtime_error if the bytes are not from save() or give().
    virtual void load(Unpacker& unpacker) { (void)unpacker; }
    /// Called after an execution, if can_be_saved(). Gives away the part that would be explored
    /// last, as load() takes it. False if there is none of at least this weight.
    virtual bool give(Packer& packer, double weight_min) {
        (void)packer, (void)weight_min;
        return false;
    }
    /// Called after repeat(), if the search begins anew: the same as save() for all of it.
    virtual void save_anew(Packer& packer) { (void)packer; }
    /// Begins the search anew, in place of begin(). False if that is not possible.
    virtual bool begin_anew() { return false; }
    /// Called after an execution, if can_be_saved(), when load() or begin_anew() was called right
    /// before it: the number of parts that follow it.
    virtual size_t child_count() { return 0; }
    /// Writes one of these parts, as load() takes it.
    virtual void save_child(size_t child, Packer& packer) { (void)child, (void)packer; }
};

/// The settings with the choice points that this chooser decides on.
inline Settings settings_for(Chooser& chooser, Settings settings) {
    settings.as_in_graphs = chooser.graph() != nullptr;
    settings.all_turns = settings.as_in_graphs || chooser.watches();
    return settings;
}

}  // namespace weave
