// The findings about heap memory.
#include "model/heap_check.h"

#include <cstdio>

#include "model/locals.h"
#include "run/stacks.h"

namespace weave {

namespace {

/// A finding about one access.
Facts facts_of(Verdict verdict, uintptr_t address, size_t size, const AccessFact& now) {
    Facts facts{};
    facts.verdict = verdict;
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 1;
    facts.accesses[0] = now;
    facts.thread = now.thread;
    facts.pc = now.pc;
    return facts;
}

[[noreturn]] void report_bad_address(Execution& execution, uintptr_t address, size_t size,
                                     const AccessFact& now) {
    if (!execution.heap.contains(address)) {
        if (usable_by_layout(address) == 0xff) {
            Facts facts = facts_of(Verdict::use_after_free, address, size, now);
            std::snprintf(facts.what, sizeof facts.what,
                          "%s of %zu bytes of a thread_local object whose thread has ended",
                          now.is_write ? "a write" : "a read", size);
            execution.fail(facts);
        }
        report_layout(execution, address, size, now.is_write, now.pc);
    }
    const Block* const block = execution.heap.around(address);
    const bool is_freed =
        block != nullptr && block->is_freed && address < block->base + block->size;
    Facts facts =
        facts_of(is_freed ? Verdict::use_after_free : Verdict::out_of_bounds, address, size, now);
    const char* const access = now.is_write ? "a write" : "a read";
    if (is_freed) {
        std::snprintf(facts.what, sizeof facts.what,
                      "%s of %zu bytes at offset %zu of a freed block of %zu bytes", access, size,
                      static_cast<size_t>(address - block->base), block->size);
        facts.access_count = 2;
        facts.accesses[0] = free_of(*block);
        facts.accesses[1] = now;
    } else if (block != nullptr) {
        std::snprintf(facts.what, sizeof facts.what,
                      "%s of %zu bytes at offset %zu of a block of %zu bytes", access, size,
                      static_cast<size_t>(address - block->base), block->size);
    } else {
        std::snprintf(facts.what, sizeof facts.what, "%s of %zu bytes before the first block",
                      access, size);
    }
    execution.fail(facts);
}

[[noreturn]] void report_uninitialized(Execution& execution, uintptr_t address, size_t size,
                                       const AccessFact& now) {
    Facts facts = facts_of(Verdict::uninitialized, address, size, now);
    std::snprintf(facts.what, sizeof facts.what,
                  "a load of %zu bytes that were not written since they were allocated", size);
    execution.fail(facts);
}

/// False if the load may just as well be of bytes that a library has written, which is not seen. A
/// byte or two may then hold the value of fresh memory by chance; but the library has written more
/// of the bytes around them.
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

}  // namespace

bool still_has_fill(uintptr_t address, size_t size) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(address);
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != Heap::fill) {
            return false;
        }
    }
    return true;
}

void check_heap(Execution& execution, Cell& cell, uintptr_t address, size_t size, uint8_t mask,
                bool is_read, const AccessFact& now) {
    WEAVE_CHECK(mask == mask_of(address, size), mask, address, size);
    WEAVE_CHECK(execution.cells.is_ready(cell), cell.generation, execution.cells.generation());
    if ((cell.usable & mask) != mask) [[unlikely]] {
        // Functions whose locals are on the stack itself, because they are too large for a frame,
        // have them at other places than those that have returned.
        const uint8_t usable = usable_by_layout(address);
        if (fiber_stacks().contains(address) && (usable & mask) == mask) {
            cell.set_usable(usable);
        } else {
            report_bad_address(execution, address, size, now);
        }
    }
    if (is_read && (cell.written & mask) == 0) [[unlikely]] {
        if (still_has_fill(address, size) && is_telling(cell, address, size)) {
            report_uninitialized(execution, address, size, now);
        }
        cell.written |= mask;
    }
}

bool is_in_use(Execution& execution, uintptr_t address) {
    return (execution.cells.at(address).usable & mask_of(address, 1)) != 0;
}

bool is_usable(Execution& execution, uintptr_t begin, size_t size) {
    if (!execution.heap.contains(begin)) {
        return is_usable_by_layout(begin, size);
    }
    const Block* const block = execution.heap.around(begin);
    return block != nullptr && !block->is_freed && begin + size <= block->base + block->size &&
           block->allocated_epoch <= execution.current().clock.happens_before(block->allocated_by);
}

void end_locals(Execution& execution) {
    for (const LocalBlock* local = execution.current().local_blocks; local != nullptr;
         local = local->next) {
        const auto begin = reinterpret_cast<uintptr_t>(local->object);
        for (uintptr_t at = begin & ~uintptr_t{7}; at < begin + local->size; at += 8) {
            execution.cells.at(at).set_usable(0);
        }
    }
}

void sync_access(Execution& execution, uintptr_t address, uint32_t pc) {
    if (!is_in_use(execution, address)) [[unlikely]] {
        report_bad_address(execution, address, 1, fact_of(execution, pc, true, true));
    }
}

}  // namespace weave
