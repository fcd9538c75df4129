// Atomic operations, composed of the parts of the model.
//
// Where other threads may run first
// ---------------------------------
// There is no choice point before an access of a thread that has only read since the others could
// last run. Anything they would do between these reads and the access they can do before the reads
// too: a read tells other threads nothing, and it may still return what it did, since the thread
// has learnt of no newer store that it could not have learnt of then. That does not hold for a read
// that is bound to the newest store, of an SC operation or with Memory::sc. RMWs and failed
// compare-exchanges are not counted as reads here.
#include "model/atomic.h"

#include <algorithm>

#include "model/heap_check.h"
#include "model/order.h"
#include "model/race.h"
#include "model/spin.h"
#include "run/execution.h"

namespace weave {

namespace {

// ----- the checks of an access ------------------------------------------------------------------

[[noreturn]] void report_misaligned(Execution& execution, const AtomicAccess& access) {
    execution.fail(Verdict::crash, access.pc, "an atomic access of %u bytes is misaligned",
                   access.size);
}

/// Checks one cell of an atomic access.
void check_part(Execution& execution, Cell& cell, uintptr_t address, unsigned size,
                const AccessFact& now, bool is_read) {
    const uint8_t mask = mask_of(address, size);
    if ((cell.usable & mask) != mask || (is_read && (cell.written & mask) == 0)) [[unlikely]] {
        check_heap(execution, cell, address, size, mask, is_read, now);
    }
    if (now.is_write) {
        cell.written |= mask;
    }
    check_against_plain(execution, cell, address, size, mask, now);
}

/// Would every access of the current thread to these bytes pass the checks of the cell?
bool is_cleared(Execution& execution, const Cell& cell, uint8_t mask) {
    return (cell.written & mask) == mask && knows_accesses(execution, cell);
}

/// Has an access of the thread passed the checks, and was there none since that others have to
/// pass?
WEAVE_HOT bool is_cleared_for(const Location& location, unsigned thread) {
    return thread < location.touch_capacity &&
           location.touches[thread].cleared == location.clearings;
}

/// begin_access() for an access that has to be checked: the object is new to the thread, or there
/// may have been a plain access to its bytes.
__attribute__((noinline)) Location& begin_new_access(Execution& execution, Cell& cell,
                                                     const AtomicAccess& access, bool is_write,
                                                     bool is_read) {
    if ((access.address & (access.size - 1)) != 0) [[unlikely]] {
        report_misaligned(execution, access);
    }
    WEAVE_CHECK(access.order <= std::memory_order_seq_cst, access.order);
    const AccessFact now = fact_of(execution, access.pc, is_write, true);
    check_part(execution, cell, access.address, std::min(access.size, 8u), now, is_read);
    if (access.size == 16) [[unlikely]] {
        const uintptr_t second = access.address + 8;
        check_part(execution, execution.cells.at(second), second, 8, now, is_read);
    }
    Location& location = find_location(execution, cell, access.address, access.size);
    if (now.thread >= location.touch_capacity) {
        grow_touches(execution, location, now.thread);
    }
    if (access.size <= 8 && location.size == access.size &&
        is_cleared(execution, cell, mask_of(access.address, access.size))) {
        location.touches[now.thread].cleared = location.clearings;
    }
    return location;
}

/// The object of an access, after the checks of the heap and against plain accesses.
WEAVE_HOT Location& begin_access(Execution& execution, Cell& cell, const AtomicAccess& access,
                                 bool is_write, bool is_read) {
    execution.hold_access(/*is_atomic=*/true);
    const Thread& thread = execution.current();
    Location* location = cell.location;
    if (location == nullptr || location->address != access.address ||
        location->size != access.size || !is_cleared_for(*location, thread.id)) [[unlikely]] {
        location = &begin_new_access(execution, cell, access, is_write, is_read);
    }
    if (read_bytes(location->address, location->size) != location->newest->value) [[unlikely]] {
        adopt_bytes(execution, *location);
    }
    Touch& touch = location->touches[thread.id];
    const Epoch epoch = thread.clock.happens_before(thread.id);
    if (is_write) {
        touch.write = epoch;
        touch.write_pc = access.pc;
        touch.write_step = execution.step();
    }
    if (is_read) {
        touch.read = epoch;
        touch.read_pc = access.pc;
        touch.read_step = execution.step();
    }
    return *location;
}

// ----- the timeline -----------------------------------------------------------------------------

void add_event(Execution& execution, Event::Kind kind, const Location& location,
               const AtomicAccess& access, const Value& value, const Store* read) {
    Event event{};
    event.kind = kind;
    event.order = static_cast<uint8_t>(access.order);
    event.size = static_cast<uint8_t>(access.size);
    event.object = location.number;
    event.pc = access.pc;
    event.value = value.low;
    if (read != nullptr) {
        event.writer = read->writer;
        event.read_step = read->step;
        event.old_value = part_of(location, read->value, access.address, access.size).low;
        // The store of an RMW is there already.
        event.is_stale = read->newer != (kind == Event::Kind::rmw ? location.newest : nullptr) &&
                         read->newer != nullptr;
    }
    execution.trace(event);
}

/// `read` is the store that was read, or null.
WEAVE_HOT void trace_access(Execution& execution, Event::Kind kind, const Location& location,
                            const AtomicAccess& access, const Value& value, const Store* read) {
    if (execution.timeline.is_traced()) [[unlikely]] {
        add_event(execution, kind, location, access, value, read);
    }
}

// ----- choice points ----------------------------------------------------------------------------

/// Lets other threads run first unless the access needs no choice point. Returns its cell.
WEAVE_HOT Cell& arrive(Execution& execution, OperationKind kind, uintptr_t address,
                       bool skips_choice_point) {
    Cell& cell = execution.cells.at(address);
    if (skips_choice_point) {
        execution.begin_step();
        execution.current().skips_choice_point = false;
        return cell;
    }
    const Location* const location = cell.location;
    execution.choice_point(kind, location == nullptr ? 0 : location->number);
    return execution.cells.ready(cell, address);
}

WEAVE_HOT Cell& arrive_at_change(Execution& execution, OperationKind kind, uintptr_t address) {
    return arrive(execution, kind, address, execution.current().skips_choice_point);
}

/// Has the thread come back to a load though no other thread could run since? The loads that it
/// remembers are limited in number.
WEAVE_HOT bool goes_round(Thread& thread, const Location* location, uint32_t pc) {
    if (location == nullptr || thread.spin_count == Thread::spin_reads_max) {
        return thread.spin_count == Thread::spin_reads_max;
    }
    const SpinRead* const read = find_spin_read(thread, *location, pc);
    return read != nullptr && read->turn == thread.turns;
}

WEAVE_HOT Cell& arrive_at_load(Execution& execution, const AtomicAccess& access) {
    Thread& thread = execution.current();
    return arrive(execution, OperationKind::load, access.address,
                  thread.skips_choice_point &&
                      !goes_round(thread, execution.cells.at(access.address).location, access.pc));
}

/// The object of a load, and what earlier rounds of a loop have read there.
struct Reading {
    Location* location;
    SpinRead* before = nullptr;
    const Store* last_spin = nullptr;  ///< must not be returned again

    /// Makes the thread wait if it only repeats itself.
    WEAVE_HOT void look_back(Execution& execution, const AtomicAccess& access, bool is_write,
                             const void* frame) {
        before = find_spin_read(execution.current(), *location, access.pc);
        if (before != nullptr) [[unlikely]] {
            look_closer(execution, access, is_write, frame);
        }
    }

    void look_closer(Execution& execution, const AtomicAccess& access, bool is_write,
                     const void* frame) {
        last_spin = spin_before(execution, *location, *before, frame);
        if (last_spin == spin_blocked) {
            // Other threads have run, and may have ended this object's life.
            last_spin = nullptr;
            location = &begin_access(execution, execution.cells.at(access.address), access,
                                     is_write, true);
            before = find_spin_read(execution.current(), *location, access.pc);
        }
    }
};

}  // namespace

Value atomic_load(Execution& execution, const AtomicAccess& access, const void* frame) {
    Cell& cell = arrive_at_load(execution, access);
    Reading reading{&begin_access(execution, cell, access, false, true)};
    reading.look_back(execution, access, false, frame);
    Location& location = *reading.location;
    Store& store = choose_store(execution, location, Knowledge(execution, is_sc(access.order)),
                                reading.last_spin);
    learn_from(execution, store, access.order);
    spin_after(execution.current(), location, access.pc, reading.before, store);
    execution.current().skips_choice_point =
        !is_sc(access.order) && execution.settings().memory == Memory::c20;
    const Value value = part_of(location, store.value, access.address, access.size);
    trace_access(execution, Event::Kind::load, location, access, value, &store);
    return value;
}

void atomic_store(Execution& execution, const AtomicAccess& access, Value value) {
    Cell& cell = arrive_at_change(execution, OperationKind::store, access.address);
    Location& location = begin_access(execution, cell, access, true, false);
    Store& older = choose_place(execution, location, Knowledge(execution, is_sc(access.order)));
    const Snapshot* release = release_by(execution, access.order);
    if (location.is_mixed) [[unlikely]] {
        value = with_part(location, older.value, access.address, access.size, value);
        release = merge(execution.arena, release, older.release);
    }
    const bool changes_something = &older != location.newest || value != older.value;
    add_store(execution, location, older, {value, release, access.order, access.pc, false});
    if (changes_something) {
        execution.side_effect();
    }
    trace_access(execution, Event::Kind::store, location, access,
                 part_of(location, value, access.address, access.size), nullptr);
}

Value atomic_modify(Execution& execution, const AtomicAccess& access, Modify modify, Value operand,
                    const void* frame) {
    Cell& cell = arrive_at_change(execution, OperationKind::rmw, access.address);
    Reading reading{&begin_access(execution, cell, access, true, true)};
    reading.look_back(execution, access, true, frame);
    Location& location = *reading.location;
    Store& read = choose_to_modify(execution, location, Knowledge(execution, is_sc(access.order)),
                                   reading.last_spin);
    const Value old = part_of(location, read.value, access.address, access.size);
    const Value value = modify(old, operand, access.size);
    learn_from(execution, read, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), read.release);
    const Store& store =
        add_store(execution, location, read,
                  {with_part(location, read.value, access.address, access.size, value), release,
                   access.order, access.pc, true});
    if (value == old) {
        spin_after(execution.current(), location, access.pc, reading.before, store);
    } else {
        execution.side_effect();
    }
    trace_access(execution, Event::Kind::rmw, location, access, value, &read);
    return old;
}

bool atomic_exchange_fails(Execution& execution, const AtomicAccess& access, Value expected) {
    Cell& cell = arrive_at_change(execution, OperationKind::rmw, access.address);
    Thread& thread = execution.current();
    thread.is_at_choice_point = true;
    const Location& location = begin_access(execution, cell, access, false, true);
    Store* const store = thread.weak_failures != 0 || location.is_mixed
                             ? nullptr
                             : choose_to_fail(execution, location, access.order, expected);
    if (store == nullptr) {
        return false;
    }
    thread.is_at_choice_point = false;
    ++thread.weak_failures;
    // The next round of a loop does not fail spuriously, so it is not the same as this one.
    thread.spin_count = 0;
    learn_from(execution, *store, access.order);
    trace_access(execution, Event::Kind::exchange_failed, location, access, expected, store);
    return true;
}

namespace {

/// A compare-exchange that has read what it expected.
WEAVE_HOT void exchange(Execution& execution, Location& location, const AtomicAccess& access,
                        Store& read, const Value& desired) {
    learn_from(execution, read, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), read.release);
    add_store(execution, location, read,
              {with_part(location, read.value, access.address, access.size, desired), release,
               access.order, access.pc, true});
    execution.side_effect();
    trace_access(execution, Event::Kind::rmw, location, access, desired, &read);
}

}  // namespace

Value atomic_compare_exchange(Execution& execution, const AtomicAccess& access,
                              std::memory_order failure, Value expected, Value desired,
                              bool& success, const void* frame) {
    Thread& thread = execution.current();
    Cell& cell = thread.is_at_choice_point
                     ? execution.cells.at(access.address)
                     : arrive_at_change(execution, OperationKind::rmw, access.address);
    thread.is_at_choice_point = false;
    const auto value_in = [&](const Location& location, const Store& store) {
        return part_of(location, store.value, access.address, access.size);
    };
    const ExchangeOrders orders{access.order, failure};
    Reading reading{&begin_access(execution, cell, access, false, true)};
    if (!exchanges_newest(execution, *reading.location, orders) ||
        value_in(*reading.location, *reading.location->newest) != expected) {
        reading.look_back(execution, access, false, frame);
    }
    Store& read =
        exchanges_newest(execution, *reading.location, orders)
            ? *reading.location->newest
            : choose_to_exchange(execution, *reading.location, orders, expected, reading.last_spin);
    const Value value = value_in(*reading.location, read);
    success = value == expected;
    if (success) {
        Cell& now = execution.cells.at(access.address);
        exchange(execution, begin_access(execution, now, access, true, true), access, read,
                 desired);
        return expected;
    }
    // A failed compare-exchange is a load ([atomics.types.operations]).
    learn_from(execution, read, failure);
    spin_after(thread, *reading.location, access.pc, reading.before, read);
    AtomicAccess load = access;
    load.order = failure;
    trace_access(execution, Event::Kind::exchange_failed, *reading.location, load, value, &read);
    return value;
}

namespace {

void fence_thread(Execution& execution, Thread& thread, std::memory_order order) {
    if (acquires(order)) {
        thread.clock.join(thread.pending);
    }
    if (is_sc(order)) {
        execution.sc.pass_fence(thread.clock);
    }
    if (releases(order)) {
        thread.release_fence = thread.clock.snapshot(execution.arena);
        thread.tick();
    }
}

}  // namespace

void fence_all_threads(Execution& execution) {
    // In the second round the first threads learn what the last ones knew.
    for (unsigned i = 0; i < 2 * execution.threads.count(); ++i) {
        Thread& thread = execution.threads[i % execution.threads.count()];
        if (thread.is_finished) {
            execution.sc.pass_fence(thread.clock);
        } else {
            fence_thread(execution, thread, std::memory_order_seq_cst);
        }
    }
}

void atomic_fence(Execution& execution, std::memory_order order, uint32_t pc) {
    if (order == std::memory_order_relaxed) {
        return;
    }
    execution.choice_point(OperationKind::fence, 0);
    fence_thread(execution, execution.current(), order);
    Event event{};
    event.kind = Event::Kind::fence;
    event.pc = pc;
    event.order = static_cast<uint8_t>(order);
    execution.trace(event);
}

}  // namespace weave
