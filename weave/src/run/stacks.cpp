// Reserved address space: the system gives memory to the pages that fibers use.
#include "run/stacks.h"

#include <sys/mman.h>

#include <new>

namespace weave {

namespace {

constexpr size_t stride = stack_bytes + page_bytes;

}  // namespace

FiberStacks::FiberStacks() : base_(static_cast<char*>(reserve(threads_max * stride))) {}

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
