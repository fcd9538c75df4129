// Cells on the heap: which of their bytes belong to a block.
#include "model/cells.h"

namespace weave {

void Cells::begin_on_heap(Cell& cell, uintptr_t begin) {
    WEAVE_CHECK(begin % 8 == 0 && heap_.contains(begin) && is_ready(cell), begin, cell.generation);
    cell.written = 0;
    cell.set_usable(0);
    const Block* const block = heap_.around(begin);
    if (block != nullptr && !block->is_freed && begin < block->base + block->size) {
        const size_t left = block->base + block->size - begin;
        cell.usable = static_cast<uint8_t>(left >= 8 ? 0xff : (1u << left) - 1);
        if (block->allocated_epoch != 0) {
            cell.last[0] = {block->allocated_epoch, block->allocated_by,  0, allocation,
                            block->allocated_pc,    block->allocated_step};
        }
    }
}

}  // namespace weave
