#include "model/memory.h"

#include <algorithm>
#include <cstring>
#include <locale>
#include <type_traits>
#include <utility>

#include "run/execution.h"
#include "model/plain.h"
#include "model/spin.h"

namespace weave {

namespace {

bool acquires(std::memory_order order) {
    return order == std::memory_order_acquire || order == std::memory_order_consume ||
           order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

bool is_sc(std::memory_order order) { return order == std::memory_order_seq_cst; }

// ----- bytes of the program ---------------------------------------------------------------------

/// Calls `with` for the one size of an atomic object that this is: copies of a size that the
/// compiler knows are a move.
template <class With>
void with_size(unsigned size, With with) {
    switch (size) {
        case 1:
            return with(std::integral_constant<size_t, 1>{});
        case 2:
            return with(std::integral_constant<size_t, 2>{});
        case 4:
            return with(std::integral_constant<size_t, 4>{});
        case 8:
            return with(std::integral_constant<size_t, 8>{});
        default:
            return with(std::integral_constant<size_t, 16>{});
    }
}

Value read_bytes(uintptr_t address, unsigned size) {
    Value value;
    with_size(size, [&](auto known) {
        std::memcpy(&value, reinterpret_cast<const void*>(address), known);
    });
    return value;
}

WEAVE_HOT void write_bytes(uintptr_t address, unsigned size, const Value& value) {
    with_size(size,
              [&](auto known) { std::memcpy(reinterpret_cast<void*>(address), &value, known); });
}

/// The part of a location's value that an access of some of its bytes sees.
WEAVE_HOT Value part_of(const Location& location, const Value& whole, uintptr_t address,
                        unsigned size) {
    if (!location.is_mixed) [[likely]] {
        return whole;
    }
    Value part;
    std::memcpy(&part, reinterpret_cast<const char*>(&whole) + (address - location.address), size);
    return part;
}

WEAVE_HOT Value with_part(const Location& location, Value whole, uintptr_t address, unsigned size,
                          const Value& part) {
    if (!location.is_mixed) [[likely]] {
        return part;
    }
    std::memcpy(reinterpret_cast<char*>(&whole) + (address - location.address), &part, size);
    return whole;
}

// ----- findings ---------------------------------------------------------------------------------

/// The C++ library fills a cache of std::ctype<char> when somebody first asks, without any order:
/// each of its bytes can only become what it already is elsewhere.
bool is_of_ctype_cache(uintptr_t address) {
    // Asking for it takes a lock, which is nobody's turn.
    Execution* const execution = std::exchange(active, nullptr);
    const auto& facet = std::use_facet<std::ctype<char>>(std::locale::classic());
    active = execution;
    const auto begin = reinterpret_cast<uintptr_t>(&facet);
    return begin <= address && address < begin + sizeof facet;
}

void report_race(Execution& execution, uintptr_t address, size_t size, const AccessFact& earlier,
                 const AccessFact& now) {
    if (is_of_ctype_cache(address)) {
        return;
    }
    Facts facts{};
    facts.verdict = Verdict::data_race;
    std::snprintf(facts.what, sizeof facts.what, "%s, and nothing orders them",
                  now.is_free ? "an access and the free of its block" : "two accesses");
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 2;
    facts.accesses[0] = earlier;
    facts.accesses[1] = now;
    facts.thread = now.thread;
    facts.pc = now.pc;
    execution.fail(facts);
}

[[noreturn]] void report_bad_address(Execution& execution, uintptr_t address, size_t size,
                                     const AccessFact& now) {
    const Block* const block = execution.heap().around(address);
    Facts facts{};
    const bool is_freed =
        block != nullptr && block->is_freed && address < block->base + block->size;
    facts.verdict = is_freed ? Verdict::use_after_free : Verdict::out_of_bounds;
    if (is_freed) {
        std::snprintf(facts.what, sizeof facts.what,
                      "%s of %zu bytes at offset %zu of a freed block of %zu bytes",
                      now.is_write ? "a write" : "a read", size,
                      static_cast<size_t>(address - block->base), block->size);
    } else if (block != nullptr) {
        std::snprintf(facts.what, sizeof facts.what,
                      "%s of %zu bytes, %zu bytes behind the begin of a block of %zu bytes",
                      now.is_write ? "a write" : "a read", size,
                      static_cast<size_t>(address - block->base), block->size);
    } else {
        std::snprintf(facts.what, sizeof facts.what, "%s of %zu bytes in front of the first block",
                      now.is_write ? "a write" : "a read", size);
    }
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 1;
    facts.accesses[0] = now;
    if (is_freed) {
        facts.access_count = 2;
        facts.accesses[1] = now;
        facts.accesses[0] = free_of(*block);
    }
    facts.thread = now.thread;
    facts.pc = now.pc;
    execution.fail(facts);
}

bool still_has_fill(uintptr_t address, size_t size) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(address);
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != Heap::fill) {
            return false;
        }
    }
    return true;
}

/// A byte or two may hold that value because a library has written it, which is not seen; then more
/// of what is around them has been written too.
bool is_telling(const Cell& cell, uintptr_t address, size_t size) {
    constexpr size_t telling_bytes = 4;
    const uintptr_t begin = address & ~uintptr_t{7};
    const auto unwritten = static_cast<uint8_t>(cell.usable & ~cell.written);
    size_t still_filled = 0;
    for (unsigned i = 0; i < 8; ++i) {
        if ((unwritten >> i & 1) != 0) {
            if (!still_has_fill(begin + i, 1)) {
                return false;
            }
            ++still_filled;
        }
    }
    return size >= telling_bytes || still_filled >= telling_bytes || cell.usable != 0xff;
}

[[noreturn]] void report_uninitialized(Execution& execution, uintptr_t address, size_t size,
                                       const AccessFact& now) {
    Facts facts{};
    facts.verdict = Verdict::uninitialized;
    std::snprintf(facts.what, sizeof facts.what,
                  "a load of %zu bytes that nobody has written since they were allocated", size);
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 1;
    facts.accesses[0] = now;
    facts.thread = now.thread;
    facts.pc = now.pc;
    execution.fail(facts);
}

}  // namespace

void check_heap(Execution& execution, Cell& cell, uintptr_t address, size_t size, uint8_t mask,
                bool is_read, const AccessFact& now) {
    if ((cell.usable & mask) != mask) [[unlikely]] {
        report_bad_address(execution, address, size, now);
    }
    if (is_read && (cell.written & mask) == 0) [[unlikely]] {
        if (still_has_fill(address, size) && is_telling(cell, address, size)) {
            report_uninitialized(execution, address, size, now);
        }
        cell.written |= mask;
    }
}

namespace {

// ----- races ------------------------------------------------------------------------------------

inline bool overlaps(const Location& location, uintptr_t address, size_t size) {
    return location.address < address + size && address < location.address + location.size;
}

}  // namespace

void check_against_atomics(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           const AccessFact& now) {
    const Thread& thread = execution.current();
    Location** link = &cell.location;
    while (*link != nullptr) {
        Location& location = **link;
        location.cleared = 0;
        if (!overlaps(location, address, size)) {
            link = &(*link)->next;
            continue;
        }
        for (uint64_t left = location.touched; left != 0; left &= left - 1) {
            const unsigned other = static_cast<unsigned>(std::countr_zero(left));
            const Touch& touch = location.touches[other];
            const Epoch known = thread.clock.happens_before(other);
            if (touch.write > known) {
                report_race(execution, address, size,
                            {touch.write_pc, touch.write_step, static_cast<uint8_t>(other), true,
                             true, false},
                            now);
            }
            if (now.is_write && touch.read > known) {
                report_race(execution, address, size,
                            {touch.read_pc, touch.read_step, static_cast<uint8_t>(other), false,
                             true, false},
                            now);
            }
        }
        if (now.is_write) {
            // The object's life as an atomic one is over, or begins anew.
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
}

void report_race_with(Execution& execution, uintptr_t address, size_t size, const Access& other,
                      const AccessFact& now) {
    report_race(execution, address, size,
                {other.pc, other.step, other.thread, other.kind == plain_write, false, false}, now);
}

void report_plain_race(Execution& execution, uintptr_t address, size_t size, const Access& other,
                       uint32_t pc, bool is_write) {
    report_race_with(execution, address, size, other, fact_of(execution, pc, is_write, false));
}

void add_access(Execution& execution, Cell& cell, Access access) {
    const auto capacity = static_cast<uint16_t>(cell.access_capacity * 2);
    auto* const more = execution.arena.array<Access>(capacity);
    std::memcpy(more, cell.accesses, cell.access_count * sizeof(Access));
    cell.accesses = more;
    cell.access_capacity = capacity;
    cell.accesses[cell.access_count++] = access;
}

/// A plain access that stays within one cell.
WEAVE_HOT bool access_cell(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           bool is_write, uint32_t pc, bool needs_value) {
    const uint8_t mask = mask_of(address, size);
    if (!is_simple(cell, mask, needs_value)) [[unlikely]] {
        const AccessFact now = fact_of(execution, pc, is_write, false);
        check_heap(execution, cell, address, size, mask, needs_value, now);
        check_against_atomics(execution, cell, address, size, now);
    }
    if (is_write) {
        cell.written |= mask;
    }
    return note_access(execution, cell, address, size, mask, is_write, pc);
}

bool plain_part(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc,
                bool needs_value) {
    return access_cell(execution, execution.cell(address), address, size, is_write, pc,
                       needs_value);
}

/// May the program touch all of these bytes?
bool is_usable(Execution& execution, uintptr_t begin, size_t size) {
    Heap& heap = execution.heap();
    if (!heap.contains(begin)) {
        return true;
    }
    const Block* const block = heap.around(begin);
    return block != nullptr && !block->is_freed && begin + size <= block->base + block->size;
}

/// The cells of a large object, all of them whole. Returns how many bytes these were.
size_t access_cells(Execution& execution, uintptr_t begin, size_t size, bool is_write, uint32_t pc,
                    bool& is_new) {
    size_t count = size / 8;
    Cell* const cells = execution.cells(begin, count);
    const bool may_begin = is_write && is_usable(execution, begin, 8 * count);
    const Thread& thread = execution.current();
    const Access first{
        thread.clock.happens_before(thread.id), pc, execution.step(), thread.id, 0xff, plain_write};
    for (size_t i = 0; i < count; ++i) {
        Cell& cell = cells[i];
        if (may_begin && !execution.is_ready(cell)) [[likely]] {
            // Nobody has been here before, as in most objects that are given their first values.
            execution.begin_usable_cell(cell);
            cell.first[0] = first;
            cell.access_count = 1;
            is_new = true;
        } else {
            const uintptr_t address = begin + 8 * i;
            is_new |= access_cell(execution, execution.ready(cell, address), address, 8, is_write,
                                  pc, !is_write);
        }
    }
    return 8 * count;
}

namespace {

/// An atomic access against the plain ones.
WEAVE_HOT void check_against_plain(Execution& execution, const Cell& cell, uintptr_t address,
                                   unsigned size, uint8_t mask, const AccessFact& now) {
    const Thread& thread = execution.current();
    for (unsigned i = 0; i < cell.access_count; ++i) {
        const Access& other = cell.accesses[i];
        if ((other.mask & mask) != 0 && (now.is_write || other.kind == plain_write) &&
            other.epoch > thread.clock.happens_before(other.thread)) {
            report_race_with(execution, address, size, other, now);
        }
    }
}

// ----- atomic objects ---------------------------------------------------------------------------

Store* initial_store(Execution& execution, uintptr_t address, unsigned size) {
    Store* const store = execution.arena.make<Store>();
    store->read_at = store->first_readers;
    store->value = read_bytes(address, size);
    store->number = execution.next_store();
    return store;
}

Location* new_location(Execution& execution, uintptr_t address, unsigned size) {
    Location* const location = execution.arena.make<Location>();
    location->address = address;
    location->size = static_cast<uint8_t>(size);
    location->number = execution.next_location();
    location->newest = initial_store(execution, address, size);
    return location;
}

/// Makes `location` the only one of the bytes that it covers.
void install(Execution& execution, Location& location) {
    for (uintptr_t at = location.address & ~uintptr_t{7}; at < location.address + location.size;
         at += 8) {
        Cell& cell = execution.cell(at);
        for (Location** link = &cell.location; *link != nullptr;) {
            if (overlaps(**link, location.address, location.size)) {
                *link = (*link)->next;
            } else {
                link = &(*link)->next;
            }
        }
        // A location of 16 bytes is the only one in both of its cells, so one link serves both.
        location.next = cell.location;
        cell.location = &location;
    }
}

void grow_touches(Execution& execution, Location& location, unsigned thread) {
    const unsigned capacity = thread < 4 ? 4 : threads_max;
    auto* const touches = execution.arena.array<Touch>(capacity);
    std::memset(touches, 0, capacity * sizeof(Touch));
    if (location.touch_capacity != 0) {
        std::memcpy(touches, location.touches, location.touch_capacity * sizeof(Touch));
    }
    location.touches = touches;
    location.touch_capacity = static_cast<uint8_t>(capacity);
}

WEAVE_HOT Touch& touch_of(Execution& execution, Location& location, unsigned thread) {
    if (thread >= location.touch_capacity) [[unlikely]] {
        grow_touches(execution, location, thread);
    }
    return location.touches[thread];
}

/// An access that overlaps atomic objects of another size or place: from now on they are one, which
/// covers all of them. Its history begins with the newest values, and whoever reads any part of it
/// synchronises with the writers of all: C++ has no word on such programs, and this finds less
/// rather than too much.
Location* widen(Execution& execution, uintptr_t address, unsigned size) {
    uintptr_t begin = address;
    uintptr_t end = address + size;
    const Snapshot* release = nullptr;
    Location merged{};
    for (uintptr_t at = address & ~uintptr_t{15}; at < (address & ~uintptr_t{15}) + 16; at += 8) {
        for (Location* part = execution.cell(at).location; part != nullptr; part = part->next) {
            if (!overlaps(*part, address, size)) {
                continue;
            }
            begin = std::min(begin, part->address);
            end = std::max(end, part->address + part->size);
            release = merge(execution.arena, release, part->newest->release);
            for (uint64_t left = part->touched; left != 0; left &= left - 1) {
                const unsigned thread = static_cast<unsigned>(std::countr_zero(left));
                Touch& touch = touch_of(execution, merged, thread);
                const Touch& old = part->touches[thread];
                if (old.read > touch.read) {
                    touch.read = old.read;
                    touch.read_pc = old.read_pc;
                    touch.read_step = old.read_step;
                }
                if (old.write > touch.write) {
                    touch.write = old.write;
                    touch.write_pc = old.write_pc;
                    touch.write_step = old.write_step;
                }
            }
            merged.touched |= part->touched;
            merged.spinners |= part->spinners;
        }
    }
    Location* const whole = new_location(execution, begin, static_cast<unsigned>(end - begin));
    whole->is_mixed = true;
    whole->touches = merged.touches;
    whole->touch_capacity = merged.touch_capacity;
    whole->touched = merged.touched;
    whole->spinners = merged.spinners;
    whole->newest->release = release;
    install(execution, *whole);
    return whole;
}

Location& find_other_location(Execution& execution, Cell& cell, uintptr_t address, unsigned size) {
    for (Location* location = cell.location; location != nullptr; location = location->next) {
        if (location->address == address && location->size == size) [[likely]] {
            return *location;
        }
        if (overlaps(*location, address, size)) {
            const bool covers = location->is_mixed && location->address <= address &&
                                address + size <= location->address + location->size;
            return covers ? *location : *widen(execution, address, size);
        }
    }
    if (size == 16) {
        const Cell& other = execution.cell(address + 8);
        if (other.location != nullptr) {
            return *widen(execution, address, size);
        }
    }
    Location* const location = new_location(execution, address, size);
    install(execution, *location);
    return *location;
}

WEAVE_HOT Location& find_location(Execution& execution, Cell& cell, uintptr_t address,
                                  unsigned size) {
    Location* const first = cell.location;
    if (first != nullptr && first->address == address && first->size == size) [[likely]] {
        return *first;
    }
    return find_other_location(execution, cell, address, size);
}

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

/// Would any access of the current thread to these bytes pass the check of the cell?
bool is_cleared(Execution& execution, const Cell& cell, uint8_t mask) {
    const Clock& clock = execution.current().clock;
    return (cell.written & mask) == mask &&
           std::all_of(cell.accesses, cell.accesses + cell.access_count, [&](const Access& plain) {
               return plain.epoch <= clock.happens_before(plain.thread);
           });
}

/// Finds the object of an access that is new to the thread, and checks the access against the plain
/// ones.
__attribute__((noinline)) Location& begin_new_access(Execution& execution, Cell& cell,
                                                     const AtomicAccess& access, bool is_write,
                                                     bool is_read) {
    if ((access.address & (access.size - 1)) != 0) [[unlikely]] {
        report_misaligned(execution, access);
    }
    const AccessFact now = fact_of(execution, access.pc, is_write, true);
    check_part(execution, cell, access.address, std::min(access.size, 8u), now, is_read);
    if (access.size == 16) [[unlikely]] {
        const uintptr_t second = access.address + 8;
        check_part(execution, execution.cell(second), second, 8, now, is_read);
    }
    Location& location = find_location(execution, cell, access.address, access.size);
    if (access.size <= 8 && location.size == access.size &&
        is_cleared(execution, cell, mask_of(access.address, access.size))) {
        location.cleared |= Execution::bit(now.thread);
    }
    const unsigned thread = now.thread;
    if (thread >= location.touch_capacity) {
        grow_touches(execution, location, thread);
    }
    location.touched |= Execution::bit(thread);
    return location;
}

/// The object of an access, which is checked against the plain ones.
/// Code that is not instrumented has written to an atomic object. Who, and what it had seen before,
/// is not known: the store is everybody's, and brings all that anybody knows.
void adopt_bytes(Execution& execution, Location& location) {
    Store* const store = initial_store(execution, location.address, location.size);
    Clock everything;
    for (unsigned i = 0; i < execution.thread_count(); ++i) {
        everything.join(execution.thread(i).clock);
    }
    store->release = everything.snapshot(execution.arena);
    store->older = location.newest;
    location.newest->newer = store;
    location.newest = store;
    execution.stop_spinning(location.spinners);
    location.spinners = 0;
}

WEAVE_HOT Location& begin_access(Execution& execution, Cell& cell, const AtomicAccess& access,
                                 bool is_write, bool is_read) {
    execution.hold_access();
    const Thread& thread = execution.current();
    Location* location = cell.location;
    if (location == nullptr || location->address != access.address ||
        location->size != access.size || (location->cleared & Execution::bit(thread.id)) == 0)
        [[unlikely]] {
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

// ----- which stores a thread knows --------------------------------------------------------------

/// What decides it for one operation.
class Knowledge {
  public:
    Knowledge(Execution& execution, bool is_sc_operation)
        : clock_(execution.current().clock),
          fences_(is_sc_operation && execution.had_sc_fence() ? &execution.sc_fences() : nullptr),
          is_sc_(is_sc_operation) {}

    bool knows(const Store& store) const {
        if (store.epoch <= known(store.writer)) {
            return true;
        }
        for (uint64_t left = store.readers; left != 0; left &= left - 1) {
            const unsigned reader = static_cast<unsigned>(std::countr_zero(left));
            if (store.read_at[reader] <= known(reader)) {
                return true;
            }
        }
        return store.sc_position != 0 && (is_sc_ || store.sc_position < clock_.last_fence());
    }

  private:
    Epoch known(unsigned thread) const {
        const Epoch own = clock_.coherence(thread);
        return fences_ == nullptr ? own : std::max(own, fences_->coherence(thread));
    }

    const Clock& clock_;
    const Clock* const fences_;
    const bool is_sc_;
};

constexpr unsigned alternatives_max = 200;

Store& choose_among(Execution& execution, const Location& location, const Knowledge& knowledge,
                    const Store* not_older_than) {
    Store* store = location.newest;
    unsigned count = 1;
    const Store* oldest = store;
    while (oldest->older != nullptr && oldest->older != not_older_than &&
           count < alternatives_max) {
        oldest = oldest->older;
        ++count;
        if (knowledge.knows(*oldest)) {
            break;
        }
    }
    for (unsigned chosen = count == 1 ? 0 : execution.choose(Alternative::store, count);
         chosen != 0; --chosen) {
        store = store->older;
    }
    return *store;
}

/// The store that a load returns.
WEAVE_HOT Store& choose_store(Execution& execution, const Location& location,
                              const Knowledge& knowledge, const Store* not_older_than) {
    if (execution.settings().memory == Memory::sc || knowledge.knows(*location.newest)) {
        return *location.newest;
    }
    return choose_among(execution, location, knowledge, not_older_than);
}

Store& choose_place_among(Execution& execution, const Location& location,
                          const Knowledge& knowledge) {
    Store* const newest = location.newest;
    unsigned count = 1;
    for (Store* s = newest; count < alternatives_max && !knowledge.knows(*s); s = s->older) {
        count += s->is_rmw ? 0 : 1;
    }
    unsigned chosen = count == 1 ? 0 : execution.choose(Alternative::placement, count);
    Store* place = newest;
    while (chosen != 0) {
        chosen -= place->is_rmw ? 0 : 1;
        place = place->older;
    }
    return *place;
}

/// The store that a new one goes behind. Not between an RMW and what it read.
WEAVE_HOT Store& choose_place(Execution& execution, const Location& location,
                              const Knowledge& knowledge) {
    if (execution.settings().memory == Memory::sc || location.is_mixed ||
        knowledge.knows(*location.newest)) {
        return *location.newest;
    }
    return choose_place_among(execution, location, knowledge);
}

void grow_readers(Execution& execution, Store& store) {
    auto* const read_at = execution.arena.array<Epoch>(threads_max);
    std::memcpy(read_at, store.first_readers, sizeof store.first_readers);
    store.read_at = read_at;
}

WEAVE_HOT void mark_read(Execution& execution, Store& store) {
    const Thread& thread = execution.current();
    if (store.writer == thread.id || (store.readers & Execution::bit(thread.id)) != 0) {
        return;
    }
    if (thread.id >= Store::inline_readers && store.read_at == store.first_readers) [[unlikely]] {
        grow_readers(execution, store);
    }
    store.readers |= Execution::bit(thread.id);
    store.read_at[thread.id] = thread.clock.coherence(thread.id);
}

inline void mark_sc(Execution& execution, Store& store) {
    const uint32_t position = execution.next_sc_position();
    if (store.sc_position == 0) {
        store.sc_position = position;
    }
}

WEAVE_HOT void learn_from(Execution& execution, Store& store, std::memory_order order) {
    mark_read(execution, store);
    if (is_sc(order)) {
        mark_sc(execution, store);
    }
    if (store.release == nullptr) {
        return;
    }
    Thread& thread = execution.current();
    if (acquires(order)) {
        thread.clock.join(*store.release);
    } else {
        thread.pending.join(*store.release);
    }
}

/// What synchronises with an acquire load of a store that the current thread makes now.
WEAVE_HOT const Snapshot* release_by(Execution& execution, std::memory_order order) {
    const Thread& thread = execution.current();
    return releases(order) ? thread.clock.snapshot(execution.arena) : thread.release_fence;
}

WEAVE_HOT Store& add_store(Execution& execution, Location& location, Store& older,
                           const AtomicAccess& access, const Value& value, const Snapshot* release,
                           bool is_rmw) {
    Thread& thread = execution.current();
    auto* const store = static_cast<Store*>(execution.arena.bytes(sizeof(Store)));
    store->newer = older.newer;
    store->older = &older;
    store->value = value;
    store->release = release;
    store->readers = 0;
    store->read_at = store->first_readers;
    store->epoch = thread.clock.happens_before(thread.id);
    store->sc_position = 0;
    store->number = execution.next_store();
    store->step = execution.step();
    store->pc = access.pc;
    store->writer = thread.id;
    store->is_rmw = is_rmw;
    older.newer = store;
    if (store->newer != nullptr) {
        store->newer->older = store;
    } else {
        location.newest = store;
        write_bytes(location.address, location.size, value);
        if (value != older.value) {
            execution.stop_spinning(location.spinners);
            location.spinners = 0;
        }
    }
    if (is_sc(access.order)) {
        mark_sc(execution, *store);
    }
    if (releases(access.order)) {
        thread.clock.tick(thread.id);
    }
    return *store;
}

void trace_access(Execution& execution, Event::Kind kind, const Location& location,
                  const AtomicAccess& access, const Value& value, const Store* read) {
    if (!execution.is_traced()) [[likely]] {
        return;
    }
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
        event.is_stale = read->newer != nullptr;
    }
    execution.trace(event);
}

// ----- where others may go first ---------------------------------------------------------------
//
// Not before an access of a thread that has only read since others could last go first. Whatever
// they would do between these reads and the access, they can do before the reads as well: a read
// tells nobody anything, and it may still return what it did, since the thread has learnt of no
// newer store that it could not have learnt of then. It is not so for a read that is bound to the
// newest store: of an RMW, a failed compare-exchange or an SC operation, or with Memory::sc.

/// Lets others go first if need be, and returns the cell of the access.
WEAVE_HOT Cell& arrive(Execution& execution, OperationKind kind, uintptr_t address,
                       bool may_go_on) {
    Cell& cell = execution.cell(address);
    if (may_go_on) {
        execution.begin_step();
        execution.current().goes_on = false;
        return cell;
    }
    const Location* const location = cell.location;
    execution.choice_point(kind, location == nullptr ? 0 : location->number);
    return execution.ready(cell, address);
}

WEAVE_HOT Cell& arrive_at_change(Execution& execution, OperationKind kind, uintptr_t address) {
    return arrive(execution, kind, address, execution.current().goes_on);
}

/// Has the thread come back to a load without having let others go first? There is a bound to the
/// loads that it remembers.
WEAVE_HOT bool goes_round(Thread& thread, const Location* location, uint32_t pc) {
    if (location == nullptr || thread.spin_count == Thread::spin_reads_max) {
        return thread.spin_count == Thread::spin_reads_max;
    }
    const SpinRead* const read = find_spin_read(thread, *location, pc);
    return read != nullptr && read->turn == thread.turns;
}

WEAVE_HOT Cell& arrive_at_load(Execution& execution, const AtomicAccess& access) {
    Thread& thread = execution.current();
    return arrive(
        execution, OperationKind::load, access.address,
        thread.goes_on && !goes_round(thread, execution.cell(access.address).location, access.pc));
}

/// The object of a load, and what is known of it from earlier rounds of a loop.
struct Reading {
    Location* location;
    SpinRead* before = nullptr;
    const Store* last_spin = nullptr;  ///< which must not be returned again

    /// Waits if the thread only repeats itself.
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
            // Others ran meanwhile, and may have ended this object's life.
            last_spin = nullptr;
            location =
                &begin_access(execution, execution.cell(access.address), access, is_write, true);
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
    execution.current().goes_on =
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
    add_store(execution, location, older, access, value, release, false);
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
    Store& read = *location.newest;
    const Value old = part_of(location, read.value, access.address, access.size);
    const Value value = modify(old, operand, access.size);
    learn_from(execution, read, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), read.release);
    const Store& store = add_store(
        execution, location, read, access,
        with_part(location, read.value, access.address, access.size, value), release, true);
    if (value == old) {
        spin_after(execution.current(), location, access.pc, reading.before, store);
    } else {
        execution.side_effect();
    }
    trace_access(execution, Event::Kind::rmw, location, access, value, &read);
    return old;
}

namespace {

/// What a compare-exchange will find.
WEAVE_HOT Value newest_value(Execution& execution, Cell& cell, const AtomicAccess& access) {
    const Location* location = cell.location;
    if (location == nullptr || location->address != access.address || location->size != access.size)
        [[unlikely]] {
        location = &begin_access(execution, cell, access, false, true);
    }
    return part_of(*location, location->newest->value, access.address, access.size);
}

}  // namespace

bool atomic_exchange_fails(Execution& execution, const AtomicAccess& access, Value expected) {
    Cell& cell = arrive_at_change(execution, OperationKind::rmw, access.address);
    Thread& thread = execution.current();
    thread.is_at_choice_point = true;
    if (thread.weak_failures != 0 || newest_value(execution, cell, access) != expected ||
        execution.choose(Alternative::failure, 2) == 0) {
        return false;
    }
    const Location& location = begin_access(execution, cell, access, false, true);
    Store& newest = *location.newest;
    const Value value = part_of(location, newest.value, access.address, access.size);
    thread.is_at_choice_point = false;
    ++thread.weak_failures;
    // The next round will not fail like this one.
    thread.spin_count = 0;
    learn_from(execution, newest, access.order);
    trace_access(execution, Event::Kind::exchange_failed, location, access, value, &newest);
    return true;
}

namespace {

/// The compare-exchange that has found what it expected.
WEAVE_HOT void exchange(Execution& execution, Location& location, const AtomicAccess& access,
                        const Value& desired) {
    Store& newest = *location.newest;
    learn_from(execution, newest, access.order);
    const Snapshot* const release =
        merge(execution.arena, release_by(execution, access.order), newest.release);
    add_store(execution, location, newest, access,
              with_part(location, newest.value, access.address, access.size, desired), release,
              true);
    execution.side_effect();
    trace_access(execution, Event::Kind::rmw, location, access, desired, &newest);
}

}  // namespace

Value atomic_compare_exchange(Execution& execution, const AtomicAccess& access,
                              std::memory_order failure, Value expected, Value desired,
                              bool& success, const void* frame) {
    Thread& thread = execution.current();
    Cell& cell = thread.is_at_choice_point
                     ? execution.cell(access.address)
                     : arrive_at_change(execution, OperationKind::rmw, access.address);
    thread.is_at_choice_point = false;
    success = newest_value(execution, cell, access) == expected;
    Reading reading{&begin_access(execution, cell, access, success, true)};
    if (!success) {
        reading.look_back(execution, access, false, frame);
        Cell& now = execution.cell(access.address);
        success = newest_value(execution, now, access) == expected;
        if (success) {
            reading.location = &begin_access(execution, now, access, true, true);
        }
    }
    Location& location = *reading.location;
    if (success) {
        exchange(execution, location, access, desired);
        return expected;
    }
    // A failed one is a load.
    Store* store =
        &choose_store(execution, location, Knowledge(execution, is_sc(failure)), reading.last_spin);
    if (part_of(location, store->value, access.address, access.size) == expected) {
        // It would not have failed on this one.
        store = location.newest;
    }
    learn_from(execution, *store, failure);
    spin_after(thread, location, access.pc, reading.before, *store);
    const Value value = part_of(location, store->value, access.address, access.size);
    AtomicAccess load = access;
    load.order = failure;
    trace_access(execution, Event::Kind::exchange_failed, location, load, value, store);
    return value;
}

void atomic_fence(Execution& execution, std::memory_order order) {
    if (order == std::memory_order_relaxed) {
        return;
    }
    execution.choice_point(OperationKind::fence, 0);
    Thread& thread = execution.current();
    if (acquires(order)) {
        thread.clock.join(thread.pending);
    }
    if (is_sc(order)) {
        execution.note_sc_fence();
        thread.clock.pass_fence(execution.sc_fences(), execution.next_sc_position());
    }
    if (releases(order)) {
        thread.release_fence = thread.clock.snapshot(execution.arena);
        thread.clock.tick(thread.id);
    }
    Event event{};
    event.kind = Event::Kind::fence;
    event.order = static_cast<uint8_t>(order);
    execution.trace(event);
}

bool plain_access(Execution& execution, uintptr_t address, size_t size, bool is_write,
                  uint32_t pc) {
    execution.hold_access();
    if (is_write) {
        note_write(execution.current(), address);
    }
    bool is_new = false;
    while (size != 0) {
        size_t part = std::min(size, 8 - (address & 7));
        if (part == 8) {
            part = access_cells(execution, address, size, is_write, pc, is_new);
        } else {
            is_new |= plain_part(execution, address, part, is_write, pc, !is_write);
        }
        address += part;
        size -= part;
    }
    return is_new;
}

void plain_copy(Execution& execution, uintptr_t to, uintptr_t from, size_t size, uint32_t pc) {
    execution.hold_access();
    note_write(execution.current(), to);
    for (size_t done = 0; done < size;) {
        const size_t part = std::min({size - done, 8 - ((from + done) & 7), 8 - ((to + done) & 7)});
        plain_part(execution, from + done, part, false, pc, false);
        plain_part(execution, to + done, part, true, pc, false);
        // Bytes without a value stay so.
        const Cell& source = execution.cell(from + done);
        if ((source.written & mask_of(from + done, part)) == 0 &&
            still_has_fill(from + done, part)) {
            execution.cell(to + done).written &= static_cast<uint8_t>(~mask_of(to + done, part));
        }
        done += part;
    }
}

bool is_in_use(Execution& execution, uintptr_t address) {
    return (execution.cell(address).usable & mask_of(address, 1)) != 0;
}

void sync_access(Execution& execution, uintptr_t address, uint32_t pc) {
    if (!is_in_use(execution, address)) [[unlikely]] {
        report_bad_address(execution, address, 1, fact_of(execution, pc, true, true));
    }
}

namespace {

void free_cell(Execution& execution, Cell& cell, uintptr_t address, const AccessFact& now) {
    cell.usable = 0;
    for (Location* location = cell.location; location != nullptr; location = location->next) {
        location->cleared = 0;
    }
    if (execution.settings().held_step != Settings::nothing_held) {
        // This execution is to show what comes after the free.
        return;
    }
    if (cell.location != nullptr) {
        check_against_atomics(execution, cell, address, 8, now);
    }
    if (cell.access_count > 1 ||
        (cell.access_count == 1 && cell.accesses[0].thread != now.thread)) {
        check_against_plain(execution, cell, address, 8, 0xff, now);
    }
}

}  // namespace

void free_access(Execution& execution, const Block& block, uint32_t pc) {
    AccessFact now = fact_of(execution, pc, true, false);
    now.is_free = true;
    for (uintptr_t begin = block.base; begin < block.base + block.size;) {
        size_t count = (block.base + block.size - begin + 7) / 8;
        Cell* const cells = execution.cells(begin, count);
        for (size_t i = 0; i < count; ++i) {
            if (execution.is_ready(cells[i])) {
                free_cell(execution, cells[i], begin + 8 * i, now);
            }
        }
        begin += 8 * count;
    }
}

}  // namespace weave
