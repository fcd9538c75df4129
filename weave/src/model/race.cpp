// Races of plain accesses with atomic ones, and the report of every race.
#include "model/race.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <istream>
#include <iterator>
#include <locale>
#include <ostream>
#include <utility>

#include "model/heap_check.h"
#include "model/locals.h"

namespace weave {

namespace {

/// The C++ library fills a cache of std::ctype<char> when it is first used, without any order: each
/// of its bytes can only become what it already is for other threads.
bool is_of_ctype_cache(uintptr_t address) {
    // std::use_facet takes a lock, which must not be a choice point.
    Execution* const execution = std::exchange(active, nullptr);
    const auto& facet = std::use_facet<std::ctype<char>>(std::locale::classic());
    active = execution;
    const auto begin = reinterpret_cast<uintptr_t>(&facet);
    return begin <= address && address < begin + sizeof facet;
}

// The standard stream objects by their symbols, if the program has them.
#ifdef _LIBCPP_VERSION
#define WEAVE_STREAM(NAME, LENGTH) \
    extern "C" char NAME##_object[] __asm__("_ZNSt3__1" #LENGTH #NAME "E") __attribute__((weak));
#else
#define WEAVE_STREAM(NAME, LENGTH) \
    extern "C" char NAME##_object[] __asm__("_ZSt" #LENGTH #NAME) __attribute__((weak));
#endif
WEAVE_STREAM(cin, 3)
WEAVE_STREAM(wcin, 4)
WEAVE_STREAM(cout, 4)
WEAVE_STREAM(cerr, 4)
WEAVE_STREAM(clog, 4)
WEAVE_STREAM(wcout, 5)
WEAVE_STREAM(wcerr, 5)
WEAVE_STREAM(wclog, 5)
#undef WEAVE_STREAM

struct Extent {
    const char* begin;
    size_t size;
};

/// Threads may use the standard stream objects at the same time ([iostream.objects.overview]/5).
bool is_of_standard_stream(uintptr_t address) {
    const Extent objects[] = {
        {cin_object, sizeof(std::istream)},    {wcin_object, sizeof(std::wistream)},
        {cout_object, sizeof(std::ostream)},   {cerr_object, sizeof(std::ostream)},
        {clog_object, sizeof(std::ostream)},   {wcout_object, sizeof(std::wostream)},
        {wcerr_object, sizeof(std::wostream)}, {wclog_object, sizeof(std::wostream)},
    };
    return std::any_of(std::begin(objects), std::end(objects), [address](const Extent& object) {
        const auto begin = reinterpret_cast<uintptr_t>(object.begin);
        return begin != 0 && begin <= address && address < begin + object.size;
    });
}

const char* words_for(const AccessFact& earlier, const AccessFact& now) {
    if (earlier.is_allocation) {
        return now.is_free ? "the allocation of a block and its free"
                           : "the allocation of a block and an access to it";
    }
    return now.is_free ? "an access and the free of its block" : "two accesses";
}

void report_race(Execution& execution, uintptr_t address, size_t size, const AccessFact& earlier,
                 const AccessFact& now) {
    WEAVE_CHECK(earlier.thread != now.thread, earlier.thread, now.thread);
    WEAVE_CHECK(earlier.is_write || now.is_write, address);
    if (!execution.settings().finds_races || execution.ignores(earlier.pc, now.pc) ||
        is_of_ctype_cache(address) || is_of_standard_stream(address)) {
        return;
    }
    Facts facts{};
    facts.verdict = Verdict::data_race;
    std::snprintf(facts.what, sizeof facts.what, "%s, and nothing orders them",
                  words_for(earlier, now));
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 2;
    facts.accesses[0] = earlier;
    facts.accesses[1] = now;
    facts.thread = now.thread;
    facts.pc = now.pc;
    execution.fail(facts);
}

/// Checks a plain access against the atomic accesses to one object.
void check_against(Execution& execution, const Location& location, uintptr_t address, size_t size,
                   const AccessFact& now) {
    const Thread& thread = execution.current();
    for (uint16_t other = 0; other < location.touch_capacity; ++other) {
        const Touch& touch = location.touches[other];
        const Epoch known = thread.clock.happens_before(other);
        if (touch.write > known) {
            report_race(execution, address, size,
                        {touch.write_pc, touch.write_step, other, true, true, false, false}, now);
        }
        if (now.is_write && touch.read > known) {
            report_race(execution, address, size,
                        {touch.read_pc, touch.read_step, other, false, true, false, false}, now);
        }
    }
}

}  // namespace

void check_against_atomics(Execution& execution, Cell& cell, uintptr_t address, size_t size,
                           const AccessFact& now) {
    WEAVE_CHECK(execution.cells.is_ready(cell), cell.generation, execution.cells.generation());
    for (Location** link = &cell.location; *link != nullptr;) {
        Location& location = **link;
        ++location.clearings;
        if (!overlaps(location, address, size)) {
            link = &location.next;
            continue;
        }
        check_against(execution, location, address, size, now);
        if (now.is_write) {
            // The object's life as an atomic one is over, or begins anew.
            *link = location.next;
        } else {
            link = &location.next;
        }
    }
}

void report_race_with(Execution& execution, uintptr_t address, size_t size, const Access& other,
                      const AccessFact& now) {
    report_race(execution, address, size,
                {other.pc, other.step, other.thread, other.kind != plain_read, false, false,
                 other.kind == allocation},
                now);
}

void check_against_allocation(Execution& execution, const Block& block, const AccessFact& now) {
    if (block.allocated_epoch > execution.current().clock.happens_before(block.allocated_by)) {
        report_race(execution, block.base, block.size,
                    {block.allocated_pc, block.allocated_step, block.allocated_by, true, false,
                     false, true},
                    now);
    }
}

namespace {

constexpr uint8_t all_bytes = 0xff;
constexpr uint8_t lower_bytes = 0x0f;
constexpr uint8_t upper_bytes = 0xf0;

/// An access of `last` with its mask and kind.
Access with_place(const Cell& cell, unsigned place) {
    Access access = cell.last[place];
    access.mask = cell.form == Cell::whole ? all_bytes : place < 2 ? lower_bytes : upper_bytes;
    if (place % 2 == 0 && access.kind != allocation) {
        access.kind = plain_write;
    }
    return access;
}

/// The places of `last` that are in use.
unsigned places_of(const Cell& cell) { return cell.form == Cell::whole ? 2 : 4; }

void make_list(Cell& cell) {
    Access accesses[Cell::inline_accesses];
    unsigned count = 0;
    for (unsigned place = 0; place < places_of(cell); ++place) {
        if (cell.last[place].epoch != 0) {
            accesses[count++] = with_place(cell, place);
        }
    }
    std::memcpy(cell.last, accesses, count * sizeof(Access));
    cell.form = Cell::list;
    cell.owner = 0;
    cell.access_count = static_cast<uint16_t>(count);
    cell.access_capacity = Cell::inline_accesses;
}

/// Does an earlier access stand for the new one? Any access that races with the new one then races
/// with the earlier one too.
bool stands_for(const Access& earlier, const Access& now) {
    return earlier.thread == now.thread && earlier.epoch == now.epoch && earlier.kind >= now.kind &&
           (earlier.mask & now.mask) == now.mask;
}

/// note_access() for a cell with a list.
bool note_in_list(Execution& execution, Cell& cell, uintptr_t address, const Access& now) {
    const Clock& clock = execution.current().clock;
    Access* const accesses = cell.accesses();
    const unsigned count = cell.access_count;
    unsigned kept = 0;
    bool is_new = true;
    for (unsigned i = 0; i != count; ++i) {
        Access other = accesses[i];
        if ((other.mask & now.mask) != 0) {
            if (!is_known(clock, other)) {
                if (now.kind != plain_read || other.kind != plain_read) [[unlikely]] {
                    report_race_with(execution, address,
                                     static_cast<size_t>(std::popcount(now.mask)), other,
                                     fact_of(execution, now.pc, now.kind != plain_read, false));
                }
            } else if (stands_for(other, now)) {
                is_new = false;
            } else if (other.kind <= now.kind) {
                // What races with the earlier access to these bytes races with the new one too.
                other.mask &= static_cast<uint8_t>(~now.mask);
                if (other.mask == 0) {
                    continue;
                }
            }
        }
        accesses[kept++] = other;
    }
    cell.access_count = static_cast<uint16_t>(kept);
    if (is_new) {
        if (kept == cell.access_capacity) [[unlikely]] {
            grow_list(execution, cell);
        }
        cell.accesses()[cell.access_count++] = now;
    }
    return is_new;
}

/// Notes which thread may use the quick way from now on.
void note_owner(Execution& execution, Cell& cell, uintptr_t address) {
    const bool may_own = cell.usable == all_bytes && cell.written == all_bytes &&
                         cell.location == nullptr && !is_in_frames(address) &&
                         knows_accesses(execution, cell);
    cell.owner = may_own ? static_cast<uint16_t>(execution.current().id + 1) : 0;
}

bool is_place(uint8_t mask) {
    return mask == all_bytes || mask == lower_bytes || mask == upper_bytes;
}

/// note_access() for an access of a place that knows all others there.
bool note_in_place(Execution& execution, Cell& cell, uintptr_t address, Access now) {
    const bool is_write = now.kind == plain_write;
    if (is_write && now.mask == all_bytes && cell.form == Cell::halves) {
        cell.begin_places();
    }
    const unsigned begin = now.mask == upper_bytes ? 2 : 0;
    const unsigned end = cell.form == Cell::whole || now.mask == lower_bytes ? 2 : 4;
    now.mask = 0;
    now.kind = 0;
    const uint64_t key = key_of(now);
    bool is_new = false;
    for (unsigned place = begin; place != end; place += 2) {
        Access* const last = cell.last + place;
        if (key_of(last[0]) != key && (is_write || key_of(last[1]) != key)) {
            is_new = true;
            last[is_write ? 0 : 1] = now;
            if (is_write) {
                clear(last[1]);
            }
        }
    }
    note_owner(execution, cell, address);
    return is_new;
}

/// Do the accesses to these bytes of a cell without a list happen before what the current thread
/// does next?
bool knows_place(Execution& execution, const Cell& cell, uint8_t mask) {
    const Clock& clock = execution.current().clock;
    const unsigned begin = mask == upper_bytes ? 2 : 0;
    const unsigned end = cell.form == Cell::whole || mask == lower_bytes ? 2 : 4;
    for (unsigned place = begin; place != end; ++place) {
        if (!is_known(clock, cell.last[place])) {
            return false;
        }
    }
    return true;
}

}  // namespace

void grow_list(Execution& execution, Cell& cell) {
    const unsigned count = cell.access_count;
    WEAVE_CHECK(count == cell.access_capacity && count < UINT16_MAX / 2, count,
                cell.access_capacity);
    auto* const more = execution.arena.array<Access>(size_t{2} * count);
    std::memcpy(more, cell.accesses(), count * sizeof(Access));
    cell.more = more;
    cell.access_capacity = 2 * count;
}

bool note_access(Execution& execution, Cell& cell, uintptr_t address, const Access& now) {
    if (cell.form != Cell::list && is_place(now.mask)) {
        if (cell.form == Cell::whole && now.mask != all_bytes) {
            cell.split();
        }
        if (knows_place(execution, cell, now.mask)) [[likely]] {
            return note_in_place(execution, cell, address, now);
        }
    }
    if (cell.form != Cell::list) {
        make_list(cell);
    }
    const bool is_new = note_in_list(execution, cell, address, now);
    if (cell.access_count == 1 && now.mask == all_bytes && now.kind == plain_write && is_new) {
        cell.begin_places();
        return note_in_place(execution, cell, address, now);
    }
    return is_new;
}

void check_against_plain(Execution& execution, const Cell& cell, uintptr_t address, unsigned size,
                         uint8_t mask, const AccessFact& now) {
    const Clock& clock = execution.current().clock;
    const bool is_list = cell.form == Cell::list;
    const unsigned count = is_list ? cell.access_count : places_of(cell);
    for (unsigned i = 0; i != count; ++i) {
        const Access other = is_list ? cell.accesses()[i] : with_place(cell, i);
        if ((other.mask & mask) != 0 && (now.is_write || other.kind != plain_read) &&
            !is_known(clock, other)) {
            report_race_with(execution, address, size, other, now);
        }
    }
}

}  // namespace weave
