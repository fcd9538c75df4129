#include "heap.h"

#include <algorithm>
#include <cstring>

namespace weave {

namespace {

// The same address in every run, so that what a program does with addresses is reproducible; the
// kernel may refuse, and then any will do.
constexpr uintptr_t wanted_base = 0x6000'0000'0000;

uintptr_t reserve_at_wanted() {
    void* const memory =
        mmap(reinterpret_cast<void*>(wanted_base), Heap::bytes_max, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    return reinterpret_cast<uintptr_t>(memory == MAP_FAILED ? reserve(Heap::bytes_max) : memory);
}

/// Of a large block only the beginning: what is not filled merely counts as written.
void fill_start_of(const Block& block) {
    constexpr size_t filled_max = size_t{1} << 16;
    std::memset(reinterpret_cast<void*>(block.base), Heap::fill, std::min(block.size, filled_max));
}

}  // namespace

Heap::Heap() : base_(reserve_at_wanted()), next_(base_ + gap) {}

void Heap::reset() {
    // Pages that a large execution touched go back to the system.
    constexpr size_t kept = size_t{1} << 20;
    if (next_ - base_ > kept) {
        madvise(reinterpret_cast<void*>(base_ + kept), next_ - base_ - kept, MADV_DONTNEED);
    }
    next_ = base_ + gap;
    blocks.clear();
    count_ = 0;
    std::memset(freed_, 0, sizeof freed_);
}

Block* Heap::allocate(size_t size, size_t alignment) {
    const size_t capacity = (std::max<size_t>(size, 1) + 15) & ~size_t{15};
    const uintptr_t start = (next_ + alignment - 1) & ~(alignment - 1);
    if (capacity > bytes_max || start + capacity + gap > base_ + bytes_max || blocks.is_full()) {
        return nullptr;
    }
    next_ = start + capacity + gap;
    Block& block = blocks.push({});
    block.base = start;
    block.size = size;
    block.capacity = capacity;
    block.number = ++count_;
    fill_start_of(block);
    return &block;
}

Block* Heap::reusable(size_t size, size_t alignment) {
    const size_t capacity = (std::max<size_t>(size, 1) + 15) & ~size_t{15};
    if (capacity / 16 >= classes || alignment > 16 || freed_[capacity / 16] == 0) {
        return nullptr;
    }
    return &blocks[freed_[capacity / 16] - 1];
}

void Heap::reuse(Block& block, size_t size) {
    freed_[block.capacity / 16] = block.next_freed;
    block.size = size;
    block.number = ++count_;
    block.is_freed = false;
    fill_start_of(block);
}

void Heap::free(Block& block) {
    block.is_freed = true;
    if (block.capacity / 16 < classes) {
        uint32_t& first = freed_[block.capacity / 16];
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
    return &blocks[recent_];
}

Block* Heap::at(uintptr_t address) {
    Block* const block = around(address);
    return block != nullptr && block->base == address ? block : nullptr;
}

}  // namespace weave
