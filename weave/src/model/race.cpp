// Races of plain accesses with atomic ones, and the report of every race.
#include "model/race.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <istream>
#include <iterator>
#include <locale>
#include <ostream>
#include <utility>

#include "model/heap_check.h"

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

void report_plain_race(Execution& execution, uintptr_t address, size_t size, const Access& other,
                       uint32_t pc, bool is_write) {
    report_race_with(execution, address, size, other, fact_of(execution, pc, is_write, false));
}

void add_access(Execution& execution, Cell& cell, Access access) {
    WEAVE_CHECK(cell.access_count == cell.access_capacity && cell.access_count < UINT16_MAX / 2,
                cell.access_count, cell.access_capacity);
    const auto capacity = static_cast<uint16_t>(cell.access_capacity * 2);
    auto* const more = execution.arena.array<Access>(capacity);
    std::memcpy(more, cell.accesses, cell.access_count * sizeof(Access));
    cell.accesses = more;
    cell.access_capacity = capacity;
    cell.accesses[cell.access_count++] = access;
}

}  // namespace weave
