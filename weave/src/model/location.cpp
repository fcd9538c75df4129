// How locations are made, and merged where accesses of several sizes overlap.
#include "model/location.h"

#include <algorithm>
#include <bit>

#include "run/execution.h"
#include "run/stacks.h"

namespace weave {

namespace {

Store* initial_store(Execution& execution, uintptr_t address, unsigned size) {
    Store* const store = execution.arena.make<Store>();
    store->readers = store->first_readers;
    store->reader_capacity = Store::inline_readers;
    store->value = read_bytes(address, size);
    store->number = execution.locations.next_store();
    return store;
}

Location* new_location(Execution& execution, uintptr_t address, unsigned size) {
    WEAVE_CHECK(size <= 16 && ((size | address) & (size - 1)) == 0, address, size);
    auto* const location = new (execution.arena.bytes(sizeof(Location))) Location;
    location->address = address;
    location->size = static_cast<uint8_t>(size);
    execution.locations.add(*location);
    if (fiber_stacks().contains(address)) {
        execution.locations.note_local();
    }
    location->newest = initial_store(execution, address, size);
    return location;
}

/// Makes `location` the only one of the bytes that it covers.
void install(Execution& execution, Location& location) {
    for (uintptr_t at = location.address & ~uintptr_t{7}; at < location.address + location.size;
         at += 8) {
        Cell& cell = execution.cells.at(at);
        for (Location** link = &cell.location; *link != nullptr;) {
            if (overlaps(**link, location.address, location.size)) {
                *link = (*link)->next;
            } else {
                link = &(*link)->next;
            }
        }
        // A location of 16 bytes is the only one in both of its cells, so one link serves both.
        WEAVE_CHECK(location.size < 16 || cell.location == nullptr, location.address);
        location.next = cell.location;
        cell.location = &location;
        cell.owner = 0;
    }
}

Touch& touch_of(Execution& execution, Location& location, unsigned thread) {
    if (thread >= location.touch_capacity) {
        grow_touches(execution, location, thread);
    }
    return location.touches[thread];
}

/// Adds the accesses to `part` to those to `whole`.
void merge_touches(Execution& execution, Location& whole, const Location& part) {
    for (unsigned thread = 0; thread < part.touch_capacity; ++thread) {
        Touch& touch = touch_of(execution, whole, thread);
        const Touch& old = part.touches[thread];
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
}

/// Makes one location of an access and all that it overlaps, which have another size or place. Its
/// history begins with the newest values, and a thread that reads any part of it synchronises with
/// the writers of all parts: C++ does not define such programs, and this finds less rather than too
/// much.
Location* widen(Execution& execution, uintptr_t address, unsigned size) {
    uintptr_t begin = address;
    uintptr_t end = address + size;
    const Snapshot* release = nullptr;
    Location merged;
    for (uintptr_t at = address & ~uintptr_t{15}; at < (address & ~uintptr_t{15}) + 16; at += 8) {
        for (Location* part = execution.cells.at(at).location; part != nullptr; part = part->next) {
            if (!overlaps(*part, address, size)) {
                continue;
            }
            begin = std::min(begin, part->address);
            end = std::max(end, part->address + part->size);
            release = merge(execution.arena, release, part->newest->release);
            merge_touches(execution, merged, *part);
            merged.spinners |= part->spinners;
        }
    }
    WEAVE_CHECK(begin <= address && address + size <= end && end - begin <= 16, begin, end, address,
                size);
    Location* const whole = new_location(execution, begin, static_cast<unsigned>(end - begin));
    whole->is_mixed = true;
    for (uint16_t thread = 0; thread < merged.touch_capacity; ++thread) {
        touch_of(execution, *whole, thread) = merged.touches[thread];
    }
    whole->spinners = merged.spinners;
    whole->has_spinners = !merged.spinners.is_empty();
    whole->newest->release = release;
    install(execution, *whole);
    return whole;
}

}  // namespace

Location& make_first_location(Execution& execution, Cell& cell, uintptr_t address, unsigned size) {
    WEAVE_CHECK(size <= 8 && cell.location == nullptr, size);
    cell.location = new_location(execution, address, size);
    cell.owner = 0;
    return *cell.location;
}

void stop_spinners(Execution& execution, Location& location) {
    execution.threads.stop_spinning(location.spinners);
    location.spinners = {};
    location.has_spinners = false;
}

void grow_touches(Execution& execution, Location& location, unsigned thread) {
    WEAVE_CHECK(location.touch_capacity <= thread && thread < threads_max, location.touch_capacity,
                thread);
    const unsigned capacity = std::bit_ceil(thread + 1);
    auto* const touches = execution.arena.array<Touch>(capacity);
    std::memset(static_cast<void*>(touches), 0, capacity * sizeof(Touch));
    std::memcpy(touches, location.touches, location.touch_capacity * sizeof(Touch));
    location.touches = touches;
    location.touch_capacity = static_cast<uint16_t>(capacity);
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
    if (size == 16 && execution.cells.at(address + 8).location != nullptr) {
        return *widen(execution, address, size);
    }
    Location* const location = new_location(execution, address, size);
    install(execution, *location);
    return *location;
}

void adopt_bytes(Execution& execution, Location& location) {
    Store* const store = initial_store(execution, location.address, location.size);
    Clock everything;
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        everything.join(execution.threads[i].clock);
    }
    store->release = everything.snapshot(execution.arena);
    execution.locations.note_unseen_store();
    execution.is_beyond_graphs("an atomic object that code without weave's flags changes");
    WEAVE_CHECK(location.newest->newer == nullptr, location.number);
    store->older = location.newest;
    location.newest->newer = store;
    location.newest = store;
    stop_spinners(execution, location);
}

}  // namespace weave
