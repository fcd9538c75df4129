// Atomic operations, composed of the parts of the model.
//
// Where other threads may run first
// ---------------------------------
// There is no choice point before an access of a thread that has only read since the others could
// last run. Anything they would do between these reads and the access they can do before the reads
// too: a read tells other threads nothing, and it may still return what it did, since the thread
// has learnt of no newer store that it could not have learnt of then. That does not hold for a read
// that is bound to the newest store, of an SC operation or with Memory::sc. RMWs and failed
// compare-exchanges are not counted as reads here. A search through graphs needs all choice points.
#include "model/atomic.h"

#include <algorithm>

#include "graph/graph_search.h"
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
                   unsigned{access.size});
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
    if (!knows_accesses(execution, cell)) [[unlikely]] {
        check_against_plain(execution, cell, address, size, mask, now);
    }
}

/// Has an access of the thread passed the checks, and was there none since that others have to
/// pass?
WEAVE_HOT bool is_cleared_for(const Location& location, unsigned thread) {
    return thread < location.touch_capacity &&
           location.touches[thread].cleared == location.clearings;
}

/// begin_new_access() for an object that is new, or for bytes that are not as they should be.
__attribute__((noinline)) Location& check_access(Execution& execution, Cell& cell,
                                                 AtomicAccess access, bool is_write, bool is_read) {
    if ((access.address & (access.size - 1)) != 0) [[unlikely]] {
        report_misaligned(execution, access);
    }
    WEAVE_CHECK(access.order <= std::memory_order_seq_cst, access.order);
    const AccessFact now = fact_of(execution, access.pc, is_write, true);
    check_part(execution, cell, access.address, std::min<unsigned>(access.size, 8), now, is_read);
    if (access.size == 16) [[unlikely]] {
        const uintptr_t second = access.address + 8;
        check_part(execution, execution.cells.at(second), second, 8, now, is_read);
    }
    Location& location = find_location(execution, cell, access.address, access.size);
    if (now.thread >= location.touch_capacity) {
        grow_touches(execution, location, now.thread);
    }
    const uint8_t mask = mask_of(access.address, access.size);
    if (access.size <= 8 && location.size == access.size && (cell.written & mask) == mask &&
        knows_accesses(execution, cell)) {
        // Every access of the thread to these bytes would pass.
        location.touches[now.thread].cleared = location.clearings;
    }
    if (read_bytes(location.address, location.size) != location.newest->value) [[unlikely]] {
        adopt_bytes(execution, location);
    }
    return location;
}

/// The bytes of an object in memory, of the size that the compiler knows.
template <unsigned Size>
WEAVE_HOT Value bytes_at(uintptr_t address) {
    Value value;
    std::memcpy(&value, reinterpret_cast<const void*>(address), Size);
    return value;
}

/// begin_access() for an access that has to be checked: the object is new to the thread, or there
/// may have been a plain access to its bytes.
template <unsigned Size>
__attribute__((noinline)) Location& begin_new_access(Execution& execution, Cell& cell,
                                                     AtomicAccess access, bool is_write,
                                                     bool is_read) {
    if constexpr (Size <= 8) {
        const unsigned thread = execution.current().id;
        const uint8_t mask = mask_of(access.address, Size);
        Location* location = cell.location;
        const bool fits = location == nullptr
                              ? access.address % Size == 0 && thread < Location::inline_touches
                              : location->address == access.address && location->size == Size &&
                                    thread < location->touch_capacity;
        if (fits && (cell.usable & cell.written & mask) == mask && knows_accesses(execution, cell))
            [[likely]] {
            // No check would fail, for no access of the thread to these bytes.
            if (location == nullptr) {
                location = &make_first_location(execution, cell, access.address, Size);
            } else if (bytes_at<Size>(access.address) != location->newest->value) [[unlikely]] {
                adopt_bytes(execution, *location);
            }
            location->touches[thread].cleared = location->clearings;
            return *location;
        }
    }
    return check_access(execution, cell, access, is_write, is_read);
}

/// Notes an access for the checks of plain ones.
template <bool IsWrite, bool IsRead>
WEAVE_HOT void note_touch(Execution& execution, Touch& touch, uint32_t pc) {
    const Thread& thread = execution.current();
    const auto epoch = static_cast<Epoch>(thread.key);
    if (IsWrite) {
        touch.write = epoch;
        touch.write_pc = pc;
        touch.write_step = execution.step();
    }
    if (IsRead) {
        touch.read = epoch;
        touch.read_pc = pc;
        touch.read_step = execution.step();
    }
}

/// The object of an access, after the checks of the heap and against plain accesses.
template <unsigned Size, bool IsQuick, bool IsWrite, bool IsRead>
WEAVE_HOT Location& begin_access(Execution& execution, Cell& cell, AtomicAccess access) {
    if (!IsQuick && !execution.has_quick_accesses()) [[unlikely]] {
        execution.hold_access(/*is_atomic=*/true);
    }
    const unsigned thread = execution.current().id;
    Location* location = cell.location;
    if (location == nullptr || location->address != access.address || location->size != Size ||
        !is_cleared_for(*location, thread)) [[unlikely]] {
        location = &begin_new_access<Size>(execution, cell, access, IsWrite, IsRead);
    } else if (bytes_at<Size>(access.address) != location->newest->value) [[unlikely]] {
        adopt_bytes(execution, *location);
    }
    note_touch<IsWrite, IsRead>(execution, location->touches[thread], access.pc);
    return *location;
}

WEAVE_HOT Touch& own_touch(Execution& execution, const Location& location) {
    return location.touches[execution.current().id];
}

// ----- the timeline -----------------------------------------------------------------------------

void add_event(Execution& execution, Event::Kind kind, const Location& location,
               AtomicAccess access, Value value, const Store* read) {
    Event event{};
    event.kind = kind;
    event.order = static_cast<uint8_t>(access.order);
    event.size = static_cast<uint8_t>(access.size);
    event.object = location.number;
    event.address = location.address;
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

__attribute__((noinline)) void count_pair(Execution& execution, uint32_t pc, const Store& read) {
    if (read.writer != execution.current().id) {
        execution.read_pairs.count(pc, read.pc);
    }
}

/// `read` is the store that was read, or null.
template <bool IsQuick>
WEAVE_HOT void trace_access(Execution& execution, Event::Kind kind, const Location& location,
                            AtomicAccess access, Value value, const Store* read) {
    if (!IsQuick && execution.timeline.is_traced()) [[unlikely]] {
        add_event(execution, kind, location, access, value, read);
    }
    if (read != nullptr && execution.read_pairs.is_used()) [[unlikely]] {
        count_pair(execution, access.pc, *read);
    }
}

// ----- execution graphs -------------------------------------------------------------------------

/// What decides instead of a chooser, or null.
template <bool IsQuick>
WEAVE_HOT GraphSearch* graph_of(Execution& execution) {
    return IsQuick ? nullptr : execution.graph();
}

/// Tells a search through graphs of a read, and lets it say which store it gets.
template <bool IsQuick>
WEAVE_HOT void plan_read(Execution& execution, const Location& location, const GraphRead& reading,
                         const Store* not_older_than) {
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        graph->read(location, reading, not_older_than);
    }
}

/// The store of a compare-exchange.
Value take_operand(Value, Value operand, unsigned) { return operand; }

/// Has the operation taken the store that the graph has said?
template <bool IsQuick>
WEAVE_HOT void check_plan(Execution& execution, const Store& taken) {
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        graph->check(taken);
    }
}

template <bool IsQuick>
WEAVE_HOT void wrote(Execution& execution, const Location& location, Store& store) {
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        graph->wrote(location, store);
    }
}

/// Tells a search through graphs in which state the thread comes to a read.
template <bool IsQuick>
WEAVE_HOT void come(Execution& execution, const GraphLook& look, const void* frame) {
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        graph->comes(look, frame);
    }
}

/// Does a search through graphs want this read not to be made?
template <bool IsQuick>
WEAVE_HOT bool is_asked(Execution& execution) {
    GraphSearch* const graph = graph_of<IsQuick>(execution);
    return graph != nullptr && graph->is_asking() && graph->is_asked();
}

/// Tells a search through graphs of a read after which nothing is stored.
template <bool IsQuick>
WEAVE_HOT void looked(Execution& execution, const Location& location, const Store& store) {
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        graph->looked(location, store);
    }
}

// ----- choice points ----------------------------------------------------------------------------

/// Lets other threads run first unless the access needs no choice point. Returns its cell.
template <bool IsQuick>
WEAVE_HOT Cell& arrive(Execution& execution, Cell& cell, OperationKind kind, uintptr_t address,
                       bool skips_choice_point) {
    if (skips_choice_point && (IsQuick || !execution.settings().all_turns)) {
        execution.begin_step();
        execution.current().skips_choice_point = false;
        return cell;
    }
    if constexpr (IsQuick) {
        execution.quick_choice_point(kind, address);
    } else {
        if (skips_choice_point) {
            execution.extra_choice_point(kind, address);
        } else {
            execution.choice_point(kind, address);
        }
    }
    return execution.cells.ready(cell, address);
}

template <bool IsQuick>
WEAVE_HOT Cell& arrive_at_change(Execution& execution, OperationKind kind, uintptr_t address) {
    return arrive<IsQuick>(execution, execution.cells.at(address), kind, address,
                           execution.current().skips_choice_point);
}

/// What a load has found before it was made.
struct Arrival {
    Cell* cell;
    const Location* location;  ///< null if other threads could run since
    SpinRead* before;          ///< find_spin_read() of that object
};

/// Lets other threads run first unless the load needs no choice point. It does if the thread has
/// come back to it and they could not run since; the loads that a thread remembers are limited in
/// number.
template <bool IsQuick>
WEAVE_HOT Arrival arrive_at_load(Execution& execution, AtomicAccess access) {
    Thread& thread = execution.current();
    Cell& cell = execution.cells.at(access.address);
    bool skips = thread.skips_choice_point && thread.spin_count != Thread::spin_reads_max;
    SpinRead* before = nullptr;
    if (skips && cell.location != nullptr) {
        before = find_spin_read(thread, *cell.location, access.pc);
        skips = before == nullptr || before->turn != thread.turns;
    }
    const Location* const location = cell.location;
    Cell& arrived = arrive<IsQuick>(execution, cell, OperationKind::load, access.address, skips);
    return {&arrived, skips && IsQuick ? location : nullptr, before};
}

/// The object of a load, and what earlier rounds of a loop have read there.
template <unsigned Size, bool IsQuick, bool IsWrite>
struct Reading {
    Location* location;
    SpinRead* before = nullptr;
    const Store* last_spin = nullptr;  ///< must not be returned again

    /// Makes the thread wait if it only repeats itself.
    WEAVE_HOT void look_back(Execution& execution, AtomicAccess access, const void* frame,
                             const Arrival& arrival = {}) {
        before = location == arrival.location
                     ? arrival.before
                     : find_spin_read(execution.current(), *location, access.pc);
        if (before != nullptr) [[unlikely]] {
            look_closer(execution, access, frame);
        }
    }

    __attribute__((noinline)) WEAVE_FROM_ENTRY void look_closer(Execution& execution,
                                                                AtomicAccess access,
                                                                const void* frame) {
        last_spin = spin_before(execution, *location, *before, frame);
        if (last_spin == spin_blocked) {
            // Other threads have run, and may have ended this object's life.
            last_spin = nullptr;
            location = &begin_access<Size, IsQuick, IsWrite, true>(
                execution, execution.cells.at(access.address), access);
            before = find_spin_read(execution.current(), *location, access.pc);
            if (before != nullptr && execution.settings().as_in_graphs) {
                // What may be read must not depend on when the change has come.
                last_spin = before->store;
            }
        }
    }
};

template <unsigned Size, bool IsQuick>
WEAVE_FROM_ENTRY Value do_load(Execution& execution, AtomicAccess access, const void* frame) {
    come<IsQuick>(execution, {access.address, access.pc, false, access.order, {}, {}}, frame);
    const Arrival arrival = arrive_at_load<IsQuick>(execution, access);
    if (is_asked<IsQuick>(execution)) [[unlikely]] {
        return graph_of<IsQuick>(execution)->give_answer();
    }
    Reading<Size, IsQuick, false> reading{
        &begin_access<Size, IsQuick, false, true>(execution, *arrival.cell, access)};
    reading.look_back(execution, access, frame, arrival);
    Location& location = *reading.location;
    Touch& touch = own_touch(execution, location);
    plan_read<IsQuick>(execution, location,
                       {Reads::load, false, access.order, access.order, {}, {}, nullptr},
                       reading.last_spin);
    Store& store =
        choose_store<IsQuick>(execution, location, touch, is_sc(access.order), reading.last_spin);
    check_plan<IsQuick>(execution, store);
    learn_from(execution, touch, store, access.order);
    spin_after(execution.current(), location, access.pc, reading.before, store);
    looked<IsQuick>(execution, location, store);
    execution.current().skips_choice_point =
        !is_sc(access.order) && (IsQuick || execution.settings().memory == Memory::c20);
    const Value value = part_of(location, store.value, access.address, Size);
    trace_access<IsQuick>(execution, Event::Kind::load, location, access, value, &store);
    return value;
}

template <unsigned Size, bool IsQuick>
WEAVE_FROM_ENTRY void do_store(Execution& execution, AtomicAccess access, Value value) {
    Cell& cell = arrive_at_change<IsQuick>(execution, OperationKind::store, access.address);
    Location& location = begin_access<Size, IsQuick, true, false>(execution, cell, access);
    Touch& touch = own_touch(execution, location);
    if (graph_of<IsQuick>(execution) != nullptr) [[unlikely]] {
        graph_of<IsQuick>(execution)->place(location, access.order);
    }
    Store& older = choose_place<IsQuick>(execution, location, touch, is_sc(access.order));
    check_plan<IsQuick>(execution, older);
    const Snapshot* release = release_by(execution, access.order);
    if (location.is_mixed) [[unlikely]] {
        value = with_part(location, older.value, access.address, Size, value);
        release = merge(execution.arena, release, older.release);
    }
    const bool changes_something = &older != location.newest || value != older.value;
    wrote<IsQuick>(execution, location,
                   add_store<Size>(execution, location, touch, older,
                                   {value, release, access.order, access.pc, false}));
    if (changes_something) {
        execution.side_effect();
    }
    trace_access<IsQuick>(execution, Event::Kind::store, location, access,
                          part_of(location, value, access.address, Size), nullptr);
}

template <unsigned Size, bool IsQuick>
WEAVE_FROM_ENTRY Value do_modify(Execution& execution, AtomicAccess access, Modify modify,
                                 Value operand, const void* frame) {
    come<IsQuick>(execution, {access.address, access.pc, false, access.order, {}, operand}, frame);
    Cell& cell = arrive_at_change<IsQuick>(execution, OperationKind::rmw, access.address);
    Reading<Size, IsQuick, true> reading{
        &begin_access<Size, IsQuick, true, true>(execution, cell, access)};
    reading.look_back(execution, access, frame);
    Location& location = *reading.location;
    Touch& touch = own_touch(execution, location);
    plan_read<IsQuick>(execution, location,
                       {Reads::modify, false, access.order, access.order, {}, operand, modify},
                       reading.last_spin);
    Store& read = choose_to_modify<IsQuick>(execution, location, touch, is_sc(access.order),
                                            reading.last_spin);
    check_plan<IsQuick>(execution, read);
    const Value old = part_of(location, read.value, access.address, Size);
    const Value value = modify(old, operand, Size);
    learn_from(execution, touch, read, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), read.release);
    Store& store = add_store<Size>(execution, location, touch, read,
                                   {with_part(location, read.value, access.address, Size, value),
                                    release, access.order, access.pc, true});
    wrote<IsQuick>(execution, location, store);
    if (value == old) {
        spin_after(execution.current(), location, access.pc, reading.before, store);
    } else {
        execution.side_effect();
    }
    trace_access<IsQuick>(execution, Event::Kind::rmw, location, access, value, &read);
    return old;
}

template <unsigned Size, bool IsQuick>
WEAVE_FROM_ENTRY bool do_exchange_fails(Execution& execution, AtomicAccess access, Value expected,
                                        const void* frame) {
    come<IsQuick>(execution, {access.address, access.pc, true, access.order, expected, {}}, frame);
    Cell& cell = arrive_at_change<IsQuick>(execution, OperationKind::rmw, access.address);
    Thread& thread = execution.current();
    thread.is_at_choice_point = true;
    if (is_asked<IsQuick>(execution)) [[unlikely]] {
        return false;
    }
    const Location& location = begin_access<Size, IsQuick, false, true>(execution, cell, access);
    Touch& touch = own_touch(execution, location);
    if (GraphSearch* const graph = graph_of<IsQuick>(execution); graph != nullptr) [[unlikely]] {
        const Store* const wanted = graph->peek(location);
        if (thread.weak_failures != 0 || wanted == nullptr || wanted->value != expected) {
            if (thread.weak_failures == 0 && !location.is_mixed &&
                may_fail(execution, location, touch, access.order, expected)) {
                // A replay, which has no graph, chooses here.
                execution.choose_as_planned(0);
            }
            return false;
        }
        graph->read(location,
                    {Reads::exchange, true, access.order, access.order, expected, {}, nullptr},
                    nullptr);
    }
    Store* const store = thread.weak_failures != 0 || location.is_mixed
                             ? nullptr
                             : choose_to_fail(execution, location, touch, access.order, expected);
    if (store == nullptr) {
        if (graph_of<IsQuick>(execution) != nullptr) [[unlikely]] {
            graph_of<IsQuick>(execution)->keep_read();
        }
        return false;
    }
    check_plan<IsQuick>(execution, *store);
    thread.is_at_choice_point = false;
    ++thread.weak_failures;
    // The next round of a loop does not fail spuriously, so it is not the same as this one.
    thread.spin_count = 0;
    learn_from(execution, touch, *store, access.order);
    looked<IsQuick>(execution, location, *store);
    trace_access<IsQuick>(execution, Event::Kind::exchange_failed, location, access, expected,
                          store);
    return true;
}

/// A compare-exchange that has read what it expected.
template <unsigned Size, bool IsQuick>
WEAVE_HOT void exchange(Execution& execution, Location& location, AtomicAccess access, Store& read,
                        const Value& desired) {
    Touch& touch = own_touch(execution, location);
    learn_from(execution, touch, read, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), read.release);
    wrote<IsQuick>(execution, location,
                   add_store<Size>(execution, location, touch, read,
                                   {with_part(location, read.value, access.address, Size, desired),
                                    release, access.order, access.pc, true}));
    execution.side_effect();
    trace_access<IsQuick>(execution, Event::Kind::rmw, location, access, desired, &read);
}

template <unsigned Size, bool IsQuick>
WEAVE_FROM_ENTRY Value do_compare_exchange(Execution& execution, AtomicAccess access,
                                           std::memory_order failure, Value expected, Value desired,
                                           bool& success, const void* frame) {
    Thread& thread = execution.current();
    const bool is_weak = thread.is_at_choice_point && thread.weak_failures == 0;
    if (!thread.is_at_choice_point) {
        come<IsQuick>(execution, {access.address, access.pc, true, failure, expected, desired},
                      frame);
    }
    Cell& cell = thread.is_at_choice_point
                     ? execution.cells.at(access.address)
                     : arrive_at_change<IsQuick>(execution, OperationKind::rmw, access.address);
    thread.is_at_choice_point = false;
    if (is_asked<IsQuick>(execution)) [[unlikely]] {
        success = false;
        return graph_of<IsQuick>(execution)->give_answer();
    }
    const auto value_in = [&](const Location& location, const Store& store) {
        return part_of(location, store.value, access.address, Size);
    };
    const ExchangeOrders orders{access.order, failure};
    Reading<Size, IsQuick, false> reading{
        &begin_access<Size, IsQuick, false, true>(execution, cell, access)};
    bool takes_newest = exchanges_newest<IsQuick>(execution, *reading.location, orders);
    if (!takes_newest || value_in(*reading.location, *reading.location->newest) != expected) {
        reading.look_back(execution, access, frame);
        takes_newest = exchanges_newest<IsQuick>(execution, *reading.location, orders);
    }
    Location& location = *reading.location;
    plan_read<IsQuick>(
        execution, location,
        {Reads::exchange, is_weak, access.order, failure, expected, desired, take_operand},
        reading.last_spin);
    Store& read =
        takes_newest ? *location.newest
                     : choose_to_exchange(execution, location, orders, expected, reading.last_spin);
    check_plan<IsQuick>(execution, read);
    const Value value = value_in(location, read);
    success = value == expected;
    if (success) {
        if (!is_cleared_for(location, thread.id)) [[unlikely]] {
            begin_new_access<Size>(execution, execution.cells.at(access.address), access, true,
                                   true);
        }
        note_touch<true, true>(execution, own_touch(execution, location), access.pc);
        exchange<Size, IsQuick>(execution, location, access, read, desired);
        return expected;
    }
    // A failed compare-exchange is a load ([atomics.types.operations]).
    learn_from(execution, own_touch(execution, location), read, failure);
    spin_after(thread, location, access.pc, reading.before, read);
    looked<IsQuick>(execution, location, read);
    AtomicAccess load = access;
    load.order = failure;
    trace_access<IsQuick>(execution, Event::Kind::exchange_failed, location, load, value, &read);
    return value;
}

/// Calls one of the functions above, for an execution that nothing looks at or for any.
#define WEAVE_EITHER(NAME, ...)                                      \
    execution.has_quick_operations() ? NAME<Size, true>(__VA_ARGS__) \
                                     : NAME<Size, false>(__VA_ARGS__)

}  // namespace

template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_load(Execution& execution, AtomicAccess access, const void* frame) {
    return WEAVE_EITHER(do_load, execution, access, frame);
}

template <unsigned Size>
WEAVE_FROM_ENTRY void atomic_store(Execution& execution, AtomicAccess access, Value value) {
    WEAVE_EITHER(do_store, execution, access, value);
}

template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_modify(Execution& execution, AtomicAccess access, Modify modify,
                                     Value operand, const void* frame) {
    return WEAVE_EITHER(do_modify, execution, access, modify, operand, frame);
}

template <unsigned Size>
WEAVE_FROM_ENTRY bool atomic_exchange_fails(Execution& execution, AtomicAccess access,
                                            Value expected, const void* frame) {
    return WEAVE_EITHER(do_exchange_fails, execution, access, expected, frame);
}

template <unsigned Size>
WEAVE_FROM_ENTRY Value atomic_compare_exchange(Execution& execution, AtomicAccess access,
                                               std::memory_order failure, Value expected,
                                               Value desired, bool& success, const void* frame) {
    return WEAVE_EITHER(do_compare_exchange, execution, access, failure, expected, desired, success,
                        frame);
}

#undef WEAVE_EITHER

#define WEAVE_OF_SIZE(SIZE)                                                                      \
    template WEAVE_FROM_ENTRY Value atomic_load<SIZE>(Execution&, AtomicAccess, const void*);    \
    template WEAVE_FROM_ENTRY void atomic_store<SIZE>(Execution&, AtomicAccess, Value);          \
    template WEAVE_FROM_ENTRY Value atomic_modify<SIZE>(Execution&, AtomicAccess, Modify, Value, \
                                                        const void*);                            \
    template WEAVE_FROM_ENTRY bool atomic_exchange_fails<SIZE>(Execution&, AtomicAccess, Value,  \
                                                               const void*);                     \
    template WEAVE_FROM_ENTRY Value atomic_compare_exchange<SIZE>(                               \
        Execution&, AtomicAccess, std::memory_order, Value, Value, bool&, const void*);
WEAVE_OF_SIZE(1)
WEAVE_OF_SIZE(2)
WEAVE_OF_SIZE(4)
WEAVE_OF_SIZE(8)
WEAVE_OF_SIZE(16)
#undef WEAVE_OF_SIZE

namespace {

void fence_thread(Execution& execution, Thread& thread, std::memory_order order) {
    if (acquires(order)) {
        thread.clock.join(thread.pending);
    }
    if (is_sc(order)) {
        execution.sc.pass_fence(thread.clock);
    }
    if (releases(order)) {
        thread.release_fence = thread.clock.release(execution.arena, thread.id);
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
    if (execution.graph() != nullptr) [[unlikely]] {
        execution.graph()->fence(order);
    }
    fence_thread(execution, execution.current(), order);
    Event event{};
    event.kind = Event::Kind::fence;
    event.pc = pc;
    event.order = static_cast<uint8_t>(order);
    execution.trace(event);
}

}  // namespace weave
