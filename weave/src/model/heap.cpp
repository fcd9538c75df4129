// Blocks lie in the order of their allocation, with gaps between them; freed ones are in lists by
// capacity.
#include "model/heap.h"

#include <algorithm>
#include <cstring>

namespace weave {

namespace {

// The same address in every run, so that what a program does with addresses is reproducible. If the
// kernel refuses, the heap is elsewhere.
constexpr uintptr_t wanted_base = 0x6000'0000'0000;

// What libstdc++ allocates before main() for exceptions that there is no other memory for. It is
// used from its beginning on (libsupc++/eh_alloc.cc), so it was not used if its first page is as
// before; comparing the rest took a fifth of the time of a small program.
constexpr size_t exception_pool_bytes = 72'704;

uintptr_t reserve_at_wanted() {
    void* const memory =
        mmap(reinterpret_cast<void*>(wanted_base), Heap::bytes_max, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    return reinterpret_cast<uintptr_t>(memory == MAP_FAILED ? reserve(Heap::bytes_max) : memory);
}

/// Fills a new block, but only the beginning of a large one: a load of what is not filled is never
/// reported as uninitialised.
void fill_start_of(const Block& block) {
    constexpr size_t filled_max = size_t{1} << 16;
    std::memset(reinterpret_cast<void*>(block.base), Heap::fill, std::min(block.size, filled_max));
}

}  // namespace

Heap::Heap() : base_(reserve_at_wanted()), state_{base_ + gap}, kept_(state_) {}

void Heap::keep() {
    kept_ = state_;
    kept_block_count_ = blocks.size();
    if (kept_block_count_ == 0) {
        return;
    }
    kept_blocks_ = static_cast<Block*>(reserve(kept_block_count_ * sizeof(Block)));
    std::memcpy(kept_blocks_, blocks.begin(), kept_block_count_ * sizeof(Block));
    kept_bytes_ = static_cast<char*>(reserve(kept_.next - base_));
    std::memcpy(kept_bytes_, reinterpret_cast<const void*>(base_), kept_.next - base_);
}

void Heap::reset() {
    // Pages that a large execution touched go back to the system.
    constexpr size_t resident_max = size_t{1} << 20;
    const uintptr_t resident_end =
        std::max(base_ + resident_max, (kept_.next + page_bytes - 1) & ~(page_bytes - 1));
    if (state_.next > resident_end) {
        madvise(reinterpret_cast<void*>(resident_end), state_.next - resident_end, MADV_DONTNEED);
    }
    WEAVE_CHECK(kept_.next <= state_.next, kept_.next, state_.next);
    state_ = kept_;
    blocks.clear();
    if (kept_block_count_ != 0) {
        blocks.append(kept_blocks_, kept_block_count_);
        restore_kept();
    }
}

void Heap::restore_kept() {
    size_t done = 0;
    const Block& first = kept_blocks_[0];
    if (first.size == exception_pool_bytes) {
        const size_t begin = first.base - base_;
        if (!restore_bytes(base_, kept_bytes_, begin + page_bytes)) {
            done = begin + first.size;
        }
    }
    restore_bytes(base_ + done, kept_bytes_ + done, kept_.next - base_ - done);
}

Block* Heap::allocate(size_t size, size_t alignment) {
    const size_t capacity = (std::max<size_t>(size, 1) + 15) & ~size_t{15};
    const uintptr_t start = (state_.next + alignment - 1) & ~(alignment - 1);
    if (size > bytes_max || start + capacity + gap > base_ + bytes_max || blocks.is_full()) {
        return nullptr;
    }
    WEAVE_CHECK(state_.next <= start && start % 16 == 0 && contains(start), start, state_.next);
    state_.next = start + capacity + gap;
    Block& block = blocks.push({});
    block.base = start;
    block.size = size;
    block.capacity = capacity;
    block.number = ++state_.count;
    fill_start_of(block);
    return &block;
}

Block* Heap::reusable(size_t size, size_t alignment) {
    const size_t capacity = (std::max<size_t>(size, 1) + 15) & ~size_t{15};
    if (capacity / 16 >= classes || alignment > 16 || state_.freed[capacity / 16] == 0) {
        return nullptr;
    }
    Block& block = blocks[state_.freed[capacity / 16] - 1];
    WEAVE_CHECK(block.is_freed && block.capacity == capacity, block.number, block.capacity,
                capacity);
    return &block;
}

void Heap::reuse(Block& block, size_t size) {
    WEAVE_CHECK(block.is_freed && size <= block.capacity, block.number, size, block.capacity);
    WEAVE_CHECK(&blocks[state_.freed[block.capacity / 16] - 1] == &block, block.number);
    state_.freed[block.capacity / 16] = block.next_freed;
    block.size = size;
    block.number = ++state_.count;
    block.is_freed = false;
    fill_start_of(block);
}

void Heap::free(Block& block) {
    WEAVE_CHECK(!block.is_freed && contains(block.base), block.number, block.base);
    block.is_freed = true;
    if (block.capacity / 16 < classes) {
        uint32_t& first = state_.freed[block.capacity / 16];
        block.next_freed = first;
        first = static_cast<uint32_t>(&block - blocks.begin()) + 1;
    }
}

Block* Heap::find(uintptr_t address) {
    Block* const after =
        std::upper_bound(blocks.begin(), blocks.end(), address,
                         [](uintptr_t a, const Block& block) { return a < block.base; });
    if (after == blocks.begin()) {
        return nullptr;
    }
    recent_ = static_cast<size_t>(after - blocks.begin()) - 1;
    WEAVE_CHECK(blocks[recent_].base <= address, blocks[recent_].base, address);
    return &blocks[recent_];
}

Block* Heap::at(uintptr_t address) {
    Block* const block = around(address);
    return block != nullptr && block->base == address ? block : nullptr;
}

}  // namespace weave
