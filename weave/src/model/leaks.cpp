// The search for leaks: blocks that are neither freed nor reachable when an execution ends.
//
// Reachable means what it does for LeakSanitizer: a word of the program's writable image, of a
// stack in use, of a thread-local object, or of another reachable block holds an address inside the
// block.
#include "model/leaks.h"

#include <algorithm>
#include <climits>
#include <cstdio>

#include "model/locals.h"
#include "run/execution.h"
#include "run/image.h"
#include "run/stacks.h"

namespace weave {

namespace {

class Search {
  public:
    explicit Search(Heap& heap) : heap_(heap) {}

    void scan(uintptr_t begin, uintptr_t end) {
        for (uintptr_t at = (begin + 7) & ~uintptr_t{7}; at + 8 <= end; at += 8) {
            const uintptr_t word = *reinterpret_cast<const uintptr_t*>(at);
            if (heap_.is_used(word)) {
                reach(word);
            }
        }
    }

    /// Finds all blocks that the ones found so far lead to.
    void follow() {
        while (!found_.empty()) {
            const Block& block = heap_.blocks[found_.back()];
            found_.pop();
            WEAVE_CHECK(block.is_reachable && !block.is_freed, block.number);
            scan(block.base, block.base + block.size);
        }
    }

  private:
    void reach(uintptr_t address) {
        Block* const block = heap_.around(address);
        if (block != nullptr && !block->is_reachable && address < block->base + block->capacity) {
            block->is_reachable = true;
            if (!block->is_freed) {
                found_.push(static_cast<uint32_t>(block - heap_.blocks.begin()));
            }
        }
    }

    Heap& heap_;
    Growing<uint32_t, size_t{1} << 22>& found_ = *kept();

    static Growing<uint32_t, size_t{1} << 22>* kept() {
        using Found = Growing<uint32_t, size_t{1} << 22>;
        WEAVE_KEPT static Found* found = nullptr;
        if (found == nullptr) {
            found = new (reserve(sizeof(Found))) Found;
        }
        found->clear();
        return found;
    }
};

bool counts(const Block& block) { return !block.is_freed && !block.is_exempt; }

/// Scans the part of a thread's stack that is in use, and its thread-local objects. `own_frame` is
/// where that part begins for the current thread: frames of the search itself do not count.
void scan_thread(Search& search, const Execution& execution, const Thread& thread,
                 const void* own_frame) {
    // A thread that has not begun has nothing but its argument.
    const auto argument = reinterpret_cast<uintptr_t>(&thread.argument);
    search.scan(argument, argument + sizeof thread.argument);
    const auto top = reinterpret_cast<uintptr_t>(thread.stack) + stack_bytes;
    const auto lowest = &thread == &execution.threads.current()
                            ? reinterpret_cast<uintptr_t>(own_frame)
                            : reinterpret_cast<uintptr_t>(thread.fiber.stack);
    // On a stack of the program's own, the whole of the usual one counts.
    const bool is_on_own = top - lowest > stack_bytes;
    search.scan(is_on_own ? top - fiber_stacks().size(thread.id) : lowest, top);
    for (const LocalBlock* local = thread.local_blocks; local != nullptr; local = local->next) {
        const auto begin = reinterpret_cast<uintptr_t>(local->object);
        search.scan(begin, begin + local->size);
    }
    if (thread.values != nullptr) {
        search.scan(reinterpret_cast<uintptr_t>(thread.values),
                    reinterpret_cast<uintptr_t>(thread.values + PTHREAD_KEYS_MAX));
    }
}

/// Marks every block that is reachable.
void mark_reachable(Execution& execution, const void* own_frame) {
    for (Block& block : execution.heap.blocks) {
        block.is_reachable = false;
    }
    Search search(execution.heap);
    for (const Region& region : writable_image()) {
        search.scan(region.begin, region.end);
    }
    for_each_frame(&search, [](void* to, uintptr_t begin, uintptr_t end) {
        static_cast<Search*>(to)->scan(begin, end);
    });
    const Region outside = host_stack();
    search.scan(outside.begin, outside.end);
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        if (!execution.threads[i].is_finished) {
            scan_thread(search, execution, execution.threads[i], own_frame);
        }
    }
    search.follow();
}

}  // namespace

void check_leaks(Execution& execution, const void* frame) {
    const auto& blocks = execution.heap.blocks;
    if (!std::any_of(blocks.begin(), blocks.end(), counts)) {
        return;
    }
    mark_reachable(execution, frame);
    const Block* first = nullptr;
    unsigned lost = 0;
    size_t bytes = 0;
    for (const Block& block : blocks) {
        if (counts(block) && !block.is_reachable && !execution.ignores(0, block.allocated_pc)) {
            first = first == nullptr ? &block : first;
            ++lost;
            bytes += block.size;
        }
    }
    if (first == nullptr) {
        return;
    }
    Facts facts{};
    facts.verdict = Verdict::leak;
    std::snprintf(facts.what, sizeof facts.what,
                  "%zu bytes in %u blocks were not freed, and nothing points to them; first "
                  "block %u, of %zu bytes",
                  bytes, lost, first->number, first->size);
    facts.address = first->base;
    facts.thread = first->allocated_by;
    facts.pc = first->allocated_pc;
    execution.fail(facts);
}

}  // namespace weave
