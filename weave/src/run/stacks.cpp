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
    for (; protected_ <= thread; ++protected_) {
        if (mprotect(base_ + protected_ * stride, page_bytes, PROT_NONE) != 0) {
            die("a guard page cannot be protected");
        }
    }
    return base_ + thread * stride + page_bytes;
}

bool FiberStacks::is_guard(uintptr_t address, unsigned& thread) const {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(base_);
    thread = static_cast<unsigned>(offset / stride);
    return offset < threads_max * stride && offset % stride < page_bytes;
}

FiberStacks& fiber_stacks() {
    static FiberStacks* const stacks = new (reserve(sizeof(FiberStacks))) FiberStacks;
    return *stacks;
}

}  // namespace weave
