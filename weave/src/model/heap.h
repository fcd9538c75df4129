// The program's heap while an execution runs: every block is known, memory is used again only if
// the chooser decides so, and all blocks are gone at the end of the execution.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"

namespace weave {

struct Block {
    uintptr_t base;
    size_t size;
    size_t capacity;  ///< a multiple of 16
    uint32_t number;  ///< in the order of allocation, from 1
    uint32_t allocated_pc;
    uint32_t freed_pc;
    uint32_t allocated_step;
    uint32_t allocated_epoch;  ///< of the thread that allocated it; 0: before main()
    uint32_t freed_step;
    uint16_t allocated_by;
    uint16_t freed_by;
    bool is_freed;
    bool is_reachable;
    bool is_exempt;       ///< from the search for leaks
    uint32_t next_freed;  ///< the freed block of this capacity before it, index + 1; 0: none
};

class Heap {
  public:
    static constexpr size_t bytes_max = size_t{1} << 32;
    static constexpr size_t gap = 32;            ///< between blocks
    static constexpr unsigned char fill = 0xcb;  ///< what fresh memory holds

    Heap();

    bool contains(uintptr_t address) const { return address - base_ < bytes_max; }
    bool is_used(uintptr_t address) const { return address - base_ < state_.next - base_; }

    /// Makes the blocks that there are now, with what they hold, part of every later execution.
    void keep();
    /// Begins an execution.
    void reset();
    /// A new block of `size` bytes; `alignment` is a power of two. Null if the heap is full.
    Block* allocate(size_t size, size_t alignment);
    /// The block of this capacity that was freed last, or null.
    Block* reusable(size_t size, size_t alignment);
    /// Makes a new block of one that reusable() has returned.
    void reuse(Block& block, size_t size);
    /// `block` must not be freed already.
    void free(Block& block);

    /// The block that begins at `address`, or null.
    Block* at(uintptr_t address);
    /// The block around `address`, or the one before it if it is in a gap; null if there is none.
    Block* around(uintptr_t address) {
        // Most often it is the one that was asked for before.
        const bool is_recent = recent_ < blocks.size() && blocks[recent_].base <= address &&
                               (recent_ + 1 == blocks.size() || address < blocks[recent_ + 1].base);
        return is_recent ? &blocks[recent_] : find(address);
    }

    Growing<Block, size_t{1} << 22> blocks;

  private:
    Block* find(uintptr_t address);
    /// Gives the blocks from before main() what they held then.
    void restore_kept();

    static constexpr unsigned classes = 64;  ///< capacities of up to 1 KiB, in steps of 16 bytes

    /// Everything but the blocks and what they hold.
    struct State {
        uintptr_t next;
        uint32_t count = 0;
        uint32_t freed[classes] = {};
    };

    const uintptr_t base_;
    State state_;
    State kept_;
    size_t kept_block_count_ = 0;
    Block* kept_blocks_ = nullptr;
    char* kept_bytes_ = nullptr;
    size_t recent_ = 0;  ///< a guess of the block that is searched next
};

}  // namespace weave
