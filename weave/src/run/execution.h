// One execution of the program under test: its threads, whose turn it is, and how it ends.
//
// Threads are fibers on one thread of the system, so nothing here needs a lock. Each entry point
// that other threads could notice begins with choice_point(), which may run any of them first.
#pragma once

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <ctime>

#include <weave/weave.h>
#include "run/base.h"
#include "run/chooser.h"
#include "model/heap.h"
#include "model/memory.h"
#include "model/shadow.h"
#include "run/switch.h"
#include "model/sync.h"
#include "run/thread.h"

namespace weave {

/// One side of a finding about two accesses.
struct AccessFact {
    uint32_t pc;
    uint32_t step;
    uint8_t thread;
    bool is_write;
    bool is_atomic;
    bool is_free;
};

/// The free of a block, as one side.
inline AccessFact free_of(const Block& block) {
    return {block.freed_pc, block.freed_step, block.freed_by, true, false, true};
}

/// What was found, without any text that needs symbols.
struct Facts {
    Verdict verdict;
    char what[400];
    uintptr_t address;
    uint32_t size;
    static constexpr unsigned frames_max = 64;
    unsigned frame_count;  ///< of a traced execution
    uint32_t frames[frames_max];
    unsigned access_count;  ///< 0 to 2
    AccessFact accesses[2];
    uint8_t thread;
    uint32_t pc;
    uint32_t step;
};

/// A line of the timeline.
struct Event {
    enum class Kind : uint8_t {
        load,
        store,
        rmw,
        exchange_failed,
        fence,
        end,
        join,
        lock,
        try_lock_failed,
        unlock,
        wait,
        woken,
        notify,
        create,
        allocate,
        free,
        yield
    };
    Kind kind;
    uint8_t thread;
    uint8_t order;
    uint8_t size;
    uint8_t writer;   ///< of the store that was read
    bool is_stale;    ///< there was a newer one
    uint32_t object;  ///< number of the location, lock, block or thread
    uint32_t pc;
    uint32_t step;
    uint32_t read_step;  ///< when that store was made; 0: initial value
    uint64_t value;
    uint64_t old_value;
};

/// What a program wants to have called when it exits.
struct ExitHandler {
    void (*function)(void*);
    void* argument;
};

// When an execution begins: no program should see a time of 0.
inline constexpr uint64_t ns_per_second = 1'000'000'000;
inline constexpr uint64_t first_ns = ns_per_second * 1'000'000'000;

/// Times that no clock will ever show are far ahead.
inline uint64_t nanoseconds_of(const timespec& time) {
    constexpr int64_t seconds_max = 10'000'000'000;
    const int64_t seconds = std::clamp<int64_t>(time.tv_sec, 0, seconds_max);
    return static_cast<uint64_t>(seconds) * ns_per_second + static_cast<uint64_t>(time.tv_nsec);
}

/// What does not change from one execution to the next.
struct Settings {
    Memory memory = Memory::c20;
    uint32_t steps_max = 20'000;
    bool spurious_wakeups = true;
    bool reuses_memory = true;
    bool finds_leaks = true;
    bool plain_choice_points = false;
    bool is_program = false;  ///< the body is all of a program, which ends when it returns
    // Others may go first before the access that this thread makes at this step: one more choice
    // point than there would be.
    static constexpr uint64_t nothing_held = ~uint64_t{0};
    uint64_t held_step = nothing_held;
    unsigned held_thread = 0;
};

class Execution {
  public:
    static constexpr size_t stack_bytes = size_t{1} << 23;
    static constexpr size_t choices_max = size_t{1} << 24;
    static constexpr size_t events_max = size_t{1} << 22;
    static constexpr size_t exit_handlers_max = size_t{1} << 16;

    Execution();

    /// Runs `body` as thread 0, and all that it starts. Returns the verdict; facts() has the rest.
    Verdict run(const Settings& settings, Chooser& chooser, bool is_traced, void (*body)(void*),
                void* argument);

    const Facts& facts() const { return facts_; }
    const Growing<uint8_t, choices_max>& choices() const { return choices_; }
    const Growing<Event, events_max>& events() const { return events_; }
    unsigned thread_count() const { return thread_count_; }
    const Thread& thread(unsigned id) const { return threads_[id]; }
    uint64_t steps() const { return step_; }
    /// Of this execution, within the process.
    uint32_t number() const { return generation_; }
    int exit_status() const { return exit_status_; }
    Heap& heap() { return heap_; }
    /// What the program has done before its main() is from now on part of every execution.
    void keep_start();

    // ----- for the entry points, which run on the current thread's fiber ----------------------

    Thread& current() { return *current_; }
    uint32_t step() const { return static_cast<uint32_t>(step_); }

    /// Counts an operation.
    WEAVE_HOT void begin_step() {
        ++step_;
        if (step_ > settings_.steps_max) [[unlikely]] {
            too_many_steps();
        }
    }

    /// The same, and lets any thread run before `kind` of operation on `object`.
    WEAVE_HOT void choice_point(OperationKind kind, uint32_t object) {
        begin_step();
        pending_[current_->id] = {kind, object};
        ++current_->turns;
        current_->goes_on = false;
        const uint64_t enabled = enabled_threads();
        if (enabled != bit(current_->id)) {
            let_run(enabled);
        }
    }

    /// Before each access: is it the one to be held?
    bool is_held() const {
        return step_ == settings_.held_step && current_->id == settings_.held_thread;
    }
    WEAVE_HOT void hold_access() {
        if (is_held()) [[unlikely]] {
            choice_point(OperationKind::other, 0);
        }
    }

    /// A number below `count`; 0 without a choice.
    unsigned choose(Alternative kind, unsigned count);

    /// Ends the execution. Does not return to the program.
    [[noreturn]] void fail(Verdict verdict, uint32_t pc, const char* format, ...)
        __attribute__((format(printf, 4, 5)));
    [[noreturn]] void fail(const Facts& facts);
    /// Ends it well, with threads left behind.
    [[noreturn]] void end();
    /// Ends it as exit() does: with the thread's and the program's destructors.
    [[noreturn]] void exit(int status);
    /// Ends it as _exit() does, at once.
    [[noreturn]] void exit_at_once(int status);
    /// What exit() will call, the newest first.
    void add_exit_handler(ExitHandler handler);

    /// Something changed that others may see: nobody's spinning is the same any more.
    void side_effect() {
        ++side_effects_;
        ++current_->changes;
        current_->spin_count = 0;
        current_->is_repeating = false;
        current_->goes_on = false;
        current_->weak_failures = 0;
    }

    /// What every lock, semaphore and the like does for happens-before; `released` may be null.
    void acquire(const Snapshot* released) {
        if (released != nullptr) {
            current_->clock.join(*released);
        }
    }
    const Snapshot* release() {
        const Snapshot* const released = current_->clock.snapshot(arena);
        current_->clock.tick(current_->id);
        return released;
    }

    // Waiting. The thread goes on when somebody wakes it, when it times out, or for no reason,
    // where it says that it may; has_timed_out tells.
    void wait(Waiting what, const SyncObject* object, uint32_t pc);
    void wake(unsigned thread);
    void wake_all(uint64_t& threads);

    unsigned create_thread(void* (*start)(void*), void* argument, uint32_t pc);
    [[noreturn]] void end_thread();
    /// Null if there is no such thread.
    Thread* find_thread(unsigned id) { return id < thread_count_ ? &threads_[id] : nullptr; }
    void run_destructors(Thread& thread);

    /// The cells of so many times 8 bytes from `begin` on, as far as they are side by side.
    Cell* cells(uintptr_t begin, size_t& count) { return shadow_.run(begin, count); }
    WEAVE_HOT void begin_usable_cell(Cell& cell);
    bool is_ready(const Cell& cell) const { return cell.generation == generation_; }
    /// The cell of an address, made ready for this execution.
    WEAVE_HOT Cell& cell(uintptr_t address) { return ready(shadow_.raw(address), address); }
    /// The same of one that was found before others ran.
    WEAVE_HOT Cell& ready(Cell& cell, uintptr_t address) {
        if (cell.generation != generation_) [[unlikely]] {
            begin_cell(cell, address);
        }
        return cell;
    }
    /// The same without making it ready: null if it is not, or not at hand.
    Cell* ready_cell(uintptr_t address) {
        Cell* const cell = shadow_.recent(address);
        return cell != nullptr && cell->generation == generation_ ? cell : nullptr;
    }
    /// The same if this execution has touched it, otherwise null.
    Cell* cell_if_touched(uintptr_t address) {
        Cell* const cell = shadow_.raw_if_any(address);
        return cell != nullptr && cell->generation == generation_ ? cell : nullptr;
    }

    /// The lock or the like at an address, about to be used from `pc`.
    SyncObject& object(const void* address, SyncKind kind, uint32_t pc);
    /// The same, or null if it has not been used yet.
    SyncObject* object_if_used(const void* address);
    /// Its life is over.
    void forget_object(const void* address);

    void trace(Event event) {
        if (is_traced_) [[unlikely]] {
            add_event(event);
        }
    }
    bool is_traced() const { return is_traced_; }

    // Spinning: see spin.cpp.
    void stop_spinning(uint64_t threads) { spinning_ &= ~threads; }
    void begin_spinning(bool is_certain) {
        spinning_ |= bit(current_->id);
        if (!is_certain) {
            unsure_ |= bit(current_->id);
        }
    }

    Arena arena{size_t{1} << 32};
    const Settings& settings() const { return settings_; }
    /// Is there nothing that a plain access might have to wait for?
    bool has_quick_accesses() const { return has_quick_accesses_; }
    uint32_t next_key() { return key_count_++; }
    uint32_t next_location() { return ++location_count_; }
    uint32_t next_store() { return ++store_count_; }
    uint32_t next_sc_position() { return ++sc_positions_; }
    Clock& sc_fences() { return sc_fences_; }
    bool had_sc_fence() const { return had_sc_fence_; }
    void note_sc_fence() { had_sc_fence_ = true; }
    /// Of every clock; see first_ns.
    uint64_t now_ns() const { return now_ns_; }
    void sleep_until(uint64_t ns) { now_ns_ = std::max(now_ns_, ns); }
    void advance_time(uint64_t ns) { now_ns_ += ns; }
    /// Time passes with every look at the clock, ever faster while nobody does anything else: a
    /// loop until some time is reached ends.
    uint64_t look_at_clock();

    static constexpr uint64_t bit(unsigned thread) { return uint64_t{1} << thread; }

  private:
    uint64_t enabled_threads() {
        const uint64_t ready = runnable_ & ~spinning_;
        if ((timed_ | spurious_) == 0 && ready != 0) [[likely]] {
            return ready;
        }
        return ready == 0 ? nobody_can_run() : ready | enabled_by_time_or_chance();
    }
    uint64_t enabled_by_time_or_chance() const;
    void let_run(uint64_t enabled);
    void end_wait(Thread& chosen);
    void switch_to(Thread& to);
    [[noreturn]] void too_many_steps();
    void leave();  ///< the current thread cannot go on: somebody else runs
    WEAVE_HOT void begin_cell(Cell& cell, uintptr_t address);
    void begin_heap_cell(Cell& cell, uintptr_t begin);
    void add_event(Event event);
    /// Of one that has ended if there is no other: for whoever knows all that it did, its epochs
    /// may go on in a new thread.
    unsigned find_thread_id(uint32_t pc);
    Thread& begin_thread(unsigned id, void* (*start)(void*), void* argument);
    uint64_t nobody_can_run();
    [[noreturn]] void report_standstill();
    [[noreturn]] void to_host();

    Settings settings_;
    Chooser* chooser_ = nullptr;
    Thread* current_ = nullptr;
    uint64_t step_ = 0;
    uint64_t runnable_ = 0;
    uint64_t spinning_ = 0;
    uint64_t unsure_ = 0;  ///< of the spinning ones: those that might get on by themselves
    uint64_t timed_ = 0;   ///< waiting with a limit
    uint64_t spurious_ = 0;
    uint64_t side_effects_ = 0;
    uint32_t generation_ = 0;
    bool is_traced_ = false;
    bool has_quick_accesses_ = true;
    bool had_sc_fence_ = false;
    unsigned thread_count_ = 0;
    unsigned unfinished_ = 0;
    uint32_t key_count_ = 0;
    uint32_t location_count_ = 0;
    uint32_t store_count_ = 0;
    uint32_t object_count_ = 0;
    uint32_t sc_positions_ = 0;
    uint64_t now_ns_ = 0;
    uint64_t look_ns_ = 0;
    uint64_t look_effects_ = 0;
    Clock sc_fences_;
    Thread* const threads_ = static_cast<Thread*>(reserve(threads_max * sizeof(Thread)));
    Operation pending_[threads_max] = {};  ///< by thread
    Shadow shadow_;
    Heap heap_;
    Growing<uint8_t, choices_max> choices_;
    Growing<Event, events_max> events_;
    Growing<ExitHandler, exit_handlers_max> exit_handlers_;
    Growing<ExitHandler, exit_handlers_max> first_exit_handlers_;  ///< from before main()
    bool is_exiting_ = false;
    int exit_status_ = 0;
    Facts facts_{};
    void (*body_)(void*) = nullptr;
    void* body_argument_ = nullptr;
    // What the system keeps for each of its threads, and we for each of the program's.
    void** exceptions_ = nullptr;
    int* error_number_ = nullptr;

    friend struct FiberAccess;
};

/// The execution that runs now; null outside of one, while the runtime works on its own behalf, and
/// for all other threads of the system, such as a fuzzer's own.
extern constinit thread_local Execution* active __attribute__((tls_model("local-exec")));
/// The same while a whole program starts: what it allocates before main() is there in each
/// execution.
extern Execution* starting;
/// Ends the process of a whole program that does before main() what weave does not model.
[[noreturn]] void refuse_start(const char* what);

WEAVE_HOT void Execution::begin_usable_cell(Cell& cell) {
    cell.generation = generation_;
    cell.access_count = 0;
    cell.access_capacity = Cell::inline_accesses;
    cell.usable = 0xff;
    cell.written = 0xff;
    cell.accesses = cell.first;
    cell.location = nullptr;
    cell.objects = nullptr;
}

WEAVE_HOT void Execution::begin_cell(Cell& cell, uintptr_t address) {
    begin_usable_cell(cell);
    if (heap_.contains(address)) {
        begin_heap_cell(cell, address & ~uintptr_t{7});
    }
}

WEAVE_HOT void Execution::let_run(uint64_t enabled) {
    unsigned next;
    if (std::has_single_bit(enabled)) {
        next = static_cast<unsigned>(std::countr_zero(enabled));
    } else {
        const Turn turn{enabled, current_->id, step_, pending_};
        const unsigned index = chooser_->choose_thread(turn);
        choices_.push(static_cast<uint8_t>(index));
        next = turn.thread(index);
    }
    Thread& chosen = threads_[next];
    if (chosen.waiting != Waiting::nothing) [[unlikely]] {
        end_wait(chosen);
    }
    if (&chosen != current_) {
        switch_to(chosen);
    }
}

WEAVE_HOT void Execution::switch_to(Thread& to) {
    Thread& from = *current_;
    std::memcpy(static_cast<void*>(from.exceptions), exceptions_, sizeof from.exceptions);
    std::memcpy(static_cast<void*>(exceptions_), to.exceptions, sizeof to.exceptions);
    from.error_number = *error_number_;
    *error_number_ = to.error_number;
    current_ = &to;
    switch_stack(from.fiber, to.fiber);
}

/// The executable: the address that link-time addresses are counted from, and what comes behind
/// it. Set by the first Execution.
extern uintptr_t image_start;
extern uintptr_t image_size;

/// What a report says about where the program is, from the start of its image; 0 elsewhere.
inline uint32_t pc_of(const void* return_address) {
    // The call, not what comes after it.
    const uintptr_t offset = reinterpret_cast<uintptr_t>(return_address) - 1 - image_start;
    return offset < image_size ? static_cast<uint32_t>(offset) : 0;
}

}  // namespace weave
