// Reserved address space: the system gives memory to the pages that fibers use.
#include "run/stacks.h"

#include <sys/mman.h>

#include <new>

namespace weave {

namespace {

constexpr size_t stride = stack_bytes + page_bytes;

// The cells of a page are found quickly if no other page in use has the same last 8 bits of its
// number. Those of the heap begin at 0 (model/heap.cpp), and those of the stacks at 128.
constexpr size_t recent_bytes = 256 * page_bytes;

char* reserve_stacks() {
    const auto begin =
        reinterpret_cast<uintptr_t>(reserve(threads_max * stride + 2 * recent_bytes));
    return reinterpret_cast<char*>((begin + recent_bytes - 1) / recent_bytes * recent_bytes +
                                   recent_bytes / 2);
}

}  // namespace

FiberStacks::FiberStacks() : base_(reserve_stacks()) {}

char* FiberStacks::stack(unsigned thread) {
    WEAVE_CHECK(thread < threads_max, thread);
    if (sizes_[thread] == 0) {
        set_size(thread, usual_stack_bytes);
    }
    return base_ + thread * stride + page_bytes;
}

void FiberStacks::set_size(unsigned thread, size_t size) {
    WEAVE_CHECK(thread < threads_max && size <= stack_bytes, thread, size);
    const size_t usable = (size + page_bytes - 1) & ~(page_bytes - 1);
    if (sizes_[thread] == usable) {
        return;
    }
    char* const lowest = base_ + thread * stride;
    const size_t guarded = stride - usable;
    if (mprotect(lowest, guarded, PROT_NONE) != 0 ||
        mprotect(lowest + guarded, usable, PROT_READ | PROT_WRITE) != 0) {
        die("a stack cannot be protected");
    }
    sizes_[thread] = usable;
}

bool FiberStacks::contains(uintptr_t address) const {
    return address - reinterpret_cast<uintptr_t>(base_) < threads_max * stride;
}

bool FiberStacks::is_guard(uintptr_t address, unsigned& thread) const {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(base_);
    thread = static_cast<unsigned>(offset / stride);
    return offset < threads_max * stride && offset % stride < stride - sizes_[thread];
}

FiberStacks& fiber_stacks() {
    static FiberStacks* const stacks = new (reserve(sizeof(FiberStacks))) FiberStacks;
    return *stacks;
}

}  // namespace weave
