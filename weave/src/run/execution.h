// One execution of the program under test: it composes the parts (threads, heap, shadow cells,
// clock, timeline) and offers what the entry points need. Whose turn it is and how the execution
// ends is decided here.
//
// Ground rules:
// - Threads are fibers on one thread of the system, so nothing here needs a lock.
// - Every entry point that other threads could notice begins with choice_point(), which may run any
//   of them first. After it, anything looked up before it may have changed.
// - While an execution runs, the runtime does not call the allocator: see run/base.h.
#pragma once

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <utility>

#include <weave/weave.h>
#include "model/cells.h"
#include "model/heap.h"
#include "model/location.h"
#include "model/sc.h"
#include "model/sync.h"
#include "run/active.h"
#include "run/base.h"
#include "run/chooser.h"
#include "run/event.h"
#include "run/exit.h"
#include "run/facts.h"
#include "run/fiber.h"
#include "run/pc.h"
#include "run/read_pairs.h"
#include "run/settings.h"
#include "run/threads.h"
#include "run/time.h"

namespace weave {

class Execution;

/// Runs the handlers of the signals that the current thread has got. Defined in entry/signal.cpp.
void handle_signals(Execution& execution);

/// Waits in the system for what a thread gets from a process that the program has started, and
/// wakes the thread. Called when no thread can run. Returns false if no such process runs, or after
/// a second if this is not the last hope. Defined in entry/process.cpp.
bool process_wakes_thread(Execution& execution, bool is_last_hope);
/// Does a thread wait for a lock or the like in memory that is shared with such a process? Defined
/// there too.
bool waits_for_shared_memory(Execution& execution);

class Execution {
  public:
    static constexpr size_t choices_max = size_t{1} << 24;

    /// One for the process: its tables are large, and kept.
    Execution();

    // ----- for the search, outside of the execution ---------------------------------------------

    /// Runs `body` as thread 0, and all threads that it starts. Returns the verdict; facts() has
    /// the rest.
    Verdict run(const Settings& settings, Chooser& chooser, bool is_traced, void (*body)(void*),
                void* argument);

    const Facts& facts() const { return facts_; }
    /// Makes what a judge says of the execution that has ended its finding.
    void note_judgement(const Judgement& judgement);
    const Growing<uint8_t, choices_max>& choices() const { return choices_; }
    uint64_t steps() const { return step_; }
    /// Has it ended because a set of threads has only one word? The next one may have more.
    bool needs_more_threads() const { return needs_more_threads_; }
    /// Where a loop that counts its rounds had to wait for other threads, though it might have
    /// continued; its step is 0 if none did.
    struct StoppedLoop {
        uint64_t step = 0;
        unsigned thread = 0;
    };
    const StoppedLoop& stopped_loop() const { return stopped_loop_; }
    void note_stopped_loop() {
        if (stopped_loop_.step == 0) {
            stopped_loop_ = {step_, current().id};
        }
    }
    /// Number of this execution within the process, from 1.
    uint32_t number() const { return cells.generation(); }
    /// Makes what the program has done before its main() part of every later execution.
    void keep_start();

    // ----- for the entry points, which run on the current thread's fiber ------------------------

    Thread& current() { return threads.current(); }
    uint32_t step() const { return static_cast<uint32_t>(step_); }
    const Settings& settings() const { return settings_; }

    /// Counts an operation.
    WEAVE_HOT void begin_step() {
        ++step_;
        if (step_ > settings_.steps_max) [[unlikely]] {
            fail_too_many_steps();
        }
    }

    /// Counts an operation, and lets any thread run before this `kind` of operation on `object`.
    WEAVE_HOT void choice_point(OperationKind kind, uintptr_t object) {
        begin_turn(kind, object);
        if (graph_ != nullptr) [[unlikely]] {
            let_run_in_graph(kind);
        } else {
            take_turn();
        }
    }
    /// The same if it is there for Settings::all_turns alone. The thread does not count it, so that
    /// it leaves out the same ones later.
    void extra_choice_point(OperationKind kind, uintptr_t object) {
        --current().turns;
        is_extra_turn_ = true;
        choice_point(kind, object);
        is_extra_turn_ = false;
    }
    /// Is the turn that is being chosen such a one? To be asked once, by the chooser.
    bool take_extra_turn() { return std::exchange(is_extra_turn_, false); }

    /// The same in an execution of has_quick_operations().
    WEAVE_HOT void quick_choice_point(OperationKind kind, uintptr_t object) {
        begin_turn(kind, object);
        take_turn();
    }

    /// The same before a lock, an unlock or the like.
    void choice_point_of(OperationKind kind, const SyncObject& object, Wants wants);
    /// The same for a futex: its word may have been freed. In a search through execution graphs an
    /// operation of `is_turn` has a place in the order of those on the futex.
    void choice_point_of_futex(OperationKind kind, uintptr_t address, bool is_turn);
    /// The same before the current thread looks at the clock or advances it.
    void choice_point_of_clock(OperationKind kind);

    /// Called before each access: is it the one that Settings::held_step names?
    bool is_held(bool is_atomic) const {
        return step_ == settings_.held_step && threads.current().id == settings_.held_thread &&
               is_atomic == settings_.held_is_atomic;
    }
    WEAVE_HOT void hold_access(bool is_atomic) {
        if (is_held(is_atomic)) [[unlikely]] {
            choice_point(OperationKind::other, 0);
        }
    }
    /// False if a plain access may be a choice point, or all are watched.
    bool has_quick_accesses() const { return has_quick_accesses_; }
    /// May the current thread own cells?
    WEAVE_HOT bool has_quick_way() {
        return current().owns_whole != Cell::no_header || regains_quick_way();
    }
    /// A wait of the thread has ended by its limit. Until one ends otherwise, its state at the next
    /// one has the times to come that it reads meanwhile.
    void watch_times(Thread& thread);
    /// The current thread owns no cell from now on, until it changes something that others can see.
    void lose_quick_way();
    /// Is this an execution that a chooser decides and nothing else looks at? Then no graph() and
    /// no timeline is told of an atomic operation, none is held back, and the rules are those of
    /// C++20.
    bool has_quick_operations() const { return has_quick_operations_; }

    /// A number below `count`, which is at least 2; a Chooser decides.
    unsigned choose(Alternative kind, unsigned count);
    /// Notes a choice that graph() has made.
    unsigned choose_as_planned(unsigned chosen) {
        choices_.push(static_cast<uint8_t>(chosen));
        return chosen;
    }
    /// What decides on threads and stores instead of the chooser, or null.
    GraphSearch* graph() { return graph_; }
    /// The program does something that a search through graphs does not model.
    void is_beyond_graphs(const char* what);
    /// The current thread learns what tells it from others that have begun alike.
    void tells_twins_apart(const char* what);

    /// Ends the execution with a finding. Does not return to the program.
    [[noreturn]] void fail(Verdict verdict, uint32_t pc, const char* format, ...)
        __attribute__((format(printf, 4, 5)));
    [[noreturn]] void fail(const Facts& facts);
    /// Ends it without a finding, unless there is a leak; threads may be left.
    /// The program's part of the current stack begins at `frame`.
    [[noreturn]] void end(const void* frame);
    /// Ends it as exit() does, with the destructors of the thread and of the program.
    [[noreturn]] void exit(int status);
    /// Ends it without a finding, though threads could continue.
    [[noreturn]] void abandon();
    /// Ends it as _exit() does, at once.
    [[noreturn]] void exit_at_once(int status);

    /// Says that the current thread has changed something that others can see.
    WEAVE_HOT void side_effect() { threads.note_side_effect(); }

    /// The happens-before part of locks, semaphores and the like ([intro.races] p6): the current
    /// thread synchronises with the release that made `released`, which may be null.
    void acquire(const Snapshot* released) {
        if (released != nullptr) {
            current().clock.join(*released);
        }
    }
    /// What the next acquire of the object synchronises with.
    const Snapshot* release() {
        const Snapshot* const released = current().clock.release(arena, current().id);
        current().tick();
        return released;
    }

    /// The current thread waits. It continues when another thread wakes it, when its limit is
    /// reached, or for no reason if it allows that; see ThreadState. has_timed_out tells which.
    void wait(Waiting what, const SyncObject* object, uint32_t pc);
    void wake(unsigned thread);
    void wake_all(ThreadSet& set);
    /// A search through execution graphs has to know that a thread has been woken that had not
    /// begun to wait.
    void wakes_in_graph(unsigned thread);
    /// The next wait of the current thread has a limit, but does not end by it: see choose_end().
    void waits_with_limit();

    /// Returns the id. The new thread does not run before the next choice point.
    unsigned create_thread(void* (*start)(void*), void* argument, uint32_t pc);
    [[noreturn]] void end_thread();

    /// The lock or the like at an address, about to be used from `pc`; made if there is none.
    SyncObject& object(const void* address, SyncKind kind, uint32_t pc);
    /// The same, or null if it has not been used yet.
    SyncObject* object_if_used(const void* address) {
        return objects_.find(reinterpret_cast<uintptr_t>(address));
    }
    const SyncObjects& objects() const { return objects_; }
    /// Ends its life.
    void forget_object(const void* address) {
        objects_.forget(reinterpret_cast<uintptr_t>(address));
    }

    /// The calls of the current thread, or null if the execution is not traced.
    const Calls* stack_if_traced();

    /// Adds a line to the timeline, with the current thread and step.
    void trace(Event event) {
        if (timeline.is_traced()) [[unlikely]] {
            add_to_timeline(event);
        }
    }

    // In a search through execution graphs each of these has a place in the order of all of them,
    // if the program looks at the clock at all.

    /// The time for a thread that looks at the clock; other threads may run first.
    uint64_t look_at_clock();
    /// The current thread sleeps, or yields for 0 ns: other threads may run first, and the clock
    /// advances.
    void sleep_for(uint64_t ns);
    /// The same until a time.
    void sleep_until(uint64_t ns);
    /// A wait of the current thread, whose end choose_end() has chosen, ends by its limit.
    void reach_limit(uint64_t ns);
    /// The time for a limit that the current thread counts from now.
    uint64_t now_for_limit() { return settings_.as_in_graphs ? current().time_ns : time.now_ns(); }

    /// Findings of two places that all later executions leave out: races of two accesses, and leaks
    /// of what is allocated at the second place.
    void ignore(uint32_t first_pc, uint32_t second_pc) {
        ignored_.push(uint64_t{first_pc} << 32 | second_pc);
    }
    bool ignores(uint32_t first_pc, uint32_t second_pc) const {
        return std::find(ignored_.begin(), ignored_.end(), uint64_t{first_pc} << 32 | second_pc) !=
               ignored_.end();
    }

    // The parts. Memory in the arena lasts until the execution ends.
    Arena arena{size_t{1} << 32};
    Threads threads;
    Heap heap;
    Cells cells{heap};
    Locations locations;
    ScOrder sc;
    Time time;
    Timeline timeline;
    ReadPairs read_pairs;
    Exit exits;

  private:
    WEAVE_HOT void begin_turn(OperationKind kind, uintptr_t object) {
        begin_step();
        Thread& thread = threads.current();
        threads.pending()[thread.id] = {object, static_cast<uint32_t>(thread.changes), kind};
        ++thread.turns;
        thread.skips_choice_point = false;
    }
    WEAVE_HOT void take_turn() {
        const uint64_t ready = threads.are_in_one_word() ? threads.ready_word() : 0;
        if (ready != uint64_t{1} << threads.current().id % 64) {
            let_others_run(ready);
        }
    }
    ThreadSet enabled_threads();
    void let_others_run(uint64_t ready);
    Thread& begin_thread(unsigned id, void* (*start)(void*), void* argument);
    void begin_quick_way(Thread& thread);
    static void end_quick_way(Thread& thread);
    bool regains_quick_way();
    void add_to_timeline(Event event);
    void let_time_pass_until(uint64_t ns);
    void trace_limit();
    void trace_wait(Waiting what, const SyncObject* object, uint32_t pc);
    ThreadSet enabled_of_none_ready();
    ThreadSet lock_keepers() const;
    template <bool MayHaveGraph>
    void let_run(const Turn& turn);
    bool let_any_run();
    void end_wait(Thread& chosen);
    void let_run_in_graph(OperationKind kind);
    unsigned choose_in_graph(const Turn& turn);
    [[noreturn]] void fail_too_many_steps();
    [[noreturn]] void leave();

    Settings settings_;
    Chooser* chooser_ = nullptr;
    GraphSearch* graph_ = nullptr;
    uint64_t step_ = 0;
    bool is_extra_turn_ = false;  ///< until its chooser has asked
    StoppedLoop stopped_loop_;
    bool needs_more_threads_ = false;
    Pace pace_;                  ///< of looks at the clock, without graphs
    uint64_t look_effects_ = 0;  ///< side effects of all threads at the last one
    bool has_quick_accesses_ = true;
    bool has_quick_operations_ = false;
    SyncObjects objects_{cells, arena};
    Growing<uint8_t, choices_max> choices_;
    Growing<uint64_t, size_t{1} << 16> ignored_;
    Facts facts_{};
    Fibers fibers_;
    Cell* errno_cell_ = nullptr;
    void (*body_)(void*) = nullptr;
    void* body_argument_ = nullptr;

    friend struct FiberAccess;
};

}  // namespace weave
