// The allocator: defines malloc(), free() and the rest of the C library's allocation functions, and
// C++'s operator new and operator delete.
//
// While an execution runs, and while a whole program starts (before main()), blocks come from
// weave's heap, which checks their use. All others come from the system's allocator and return to
// it, wherever they are freed: blocks allocated outside of an execution, and those that a shared
// library allocates, such as the buffers of the C library's files, which outlive the execution like
// the library's variables.
//
// An allocation is not a choice point: other threads cannot notice it. The one choice here is
// whether a freed block is returned again (Options::reuses_memory).
#include <dlfcn.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "entry/allocator.h"
#include "model/plain.h"
#include "run/check.h"
#include "run/execution.h"
#include "run/image.h"

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
}

namespace weave {

namespace {

constexpr size_t default_alignment = 16;

/// Forgets all accesses to a block that gets a new owner.
void forget_cells(Execution& execution, const Block& block) {
    for (uintptr_t at = block.base & ~uintptr_t{7}; at < block.base + block.capacity; at += 8) {
        if (Cell* const cell = execution.cells.if_ready(at); cell != nullptr) {
            cell->generation = 0;
        }
    }
}

/// A lock for the heap before main(), where several threads of the system may allocate at once. The
/// acquire of a holder pairs with the release of the one before.
class StartLock {
  public:
    StartLock() {
        while (flag.test_and_set(std::memory_order_acquire)) {
        }
    }
    StartLock(const StartLock&) = delete;
    StartLock& operator=(const StartLock&) = delete;
    ~StartLock() { flag.clear(std::memory_order_release); }

  private:
    static std::atomic_flag flag;
};

std::atomic_flag StartLock::flag;

/// Allocates for a whole program before its main(). The block is not checked for leaks.
void* allocate_at_start(size_t size, size_t alignment, bool is_zeroed, const void* return_address) {
    const StartLock lock;
    Block* const block = starting->heap.allocate(size, alignment);
    if (block == nullptr) {
        die("the heap has no room for what the program allocates before main()");
    }
    block->allocated_pc = pc_of(return_address);
    block->is_exempt = true;
    void* const memory = reinterpret_cast<void*>(block->base);
    return is_zeroed ? std::memset(memory, 0, size) : memory;
}

void* allocate(size_t size, size_t alignment, bool is_zeroed, const void* return_address) {
    if (starting != nullptr) {
        return allocate_at_start(size, alignment, is_zeroed, return_address);
    }
    Execution& execution = *active;
    const Thread& thread = execution.current();
    Heap& heap = execution.heap;
    Block* block = nullptr;
    if (execution.settings().reuses_memory) {
        block = heap.reusable(size, alignment);
        if (block != nullptr && execution.choose(Alternative::reuse, 2) != 0) {
            heap.reuse(*block, size);
            forget_cells(execution, *block);
        } else {
            block = nullptr;
        }
    }
    if (block == nullptr) {
        block = heap.allocate(size, alignment);
    }
    if (block == nullptr && size > Heap::bytes_max / 2) {
        errno = ENOMEM;
        return nullptr;
    }
    if (block == nullptr) {
        execution.fail(Verdict::limit, pc_of(return_address),
                       "no room for %zu bytes: one execution may allocate %zu MiB in total", size,
                       Heap::bytes_max >> 20);
    }
    WEAVE_CHECK(block->size == size && !block->is_freed, block->size, size);
    WEAVE_CHECK(block->base % default_alignment == 0, block->base);
    block->allocated_by = thread.id;
    block->allocated_pc = pc_of(return_address);
    block->allocated_step = execution.step();
    block->allocated_epoch = thread.clock.happens_before(thread.id);
    block->is_exempt = !is_in_image(return_address);
    void* const memory = reinterpret_cast<void*>(block->base);
    if (is_zeroed) {
        std::memset(memory, 0, size);
    }
    Event event{};
    event.kind = Event::Kind::allocate;
    event.object = block->number;
    event.value = size;
    event.pc = block->allocated_pc;
    execution.trace(event);
    return memory;
}

[[noreturn]] void fail_free(Execution& execution, const Block* block, uintptr_t address,
                            uint32_t pc) {
    if (block != nullptr && block->base == address && block->is_freed) {
        Facts facts{};
        facts.verdict = Verdict::double_free;
        std::snprintf(facts.what, sizeof facts.what, "a block of %zu bytes is freed again",
                      block->size);
        facts.address = address;
        facts.access_count = 2;
        facts.accesses[0] = free_of(*block);
        facts.accesses[1] = {pc,   execution.step(), execution.current().id, true, false, true,
                             false};
        facts.thread = execution.current().id;
        facts.pc = pc;
        execution.fail(facts);
    }
    execution.fail(Verdict::crash, pc, "free of an address at which no block begins");
}

void deallocate(void* memory, const void* return_address) {
    const auto address = reinterpret_cast<uintptr_t>(memory);
    if (starting != nullptr) {
        const StartLock lock;
        Block* const block = starting->heap.at(address);
        WEAVE_CHECK(block != nullptr, memory);
        starting->heap.free(*block);
        return;
    }
    Execution& execution = *active;
    const uint32_t pc = pc_of(return_address);
    Block* const block = execution.heap.around(address);
    if (block == nullptr || block->base != address || block->is_freed) {
        fail_free(execution, block, address, pc);
    }
    free_access(execution, *block, pc);
    block->freed_by = execution.current().id;
    block->freed_pc = pc;
    block->freed_step = execution.step();
    execution.heap.free(*block);
    Event event{};
    event.kind = Event::Kind::free;
    event.object = block->number;
    event.pc = pc;
    execution.trace(event);
}

/// The execution whose heap is in use now, or null.
Execution* server() { return active != nullptr ? active : starting; }

/// Returns true if a call from this address is served from weave's heap: only the executable's are.
bool serves(const void* return_address) {
    return server() != nullptr && is_in_image(return_address);
}

bool is_ours(const void* memory) {
    return server() != nullptr && server()->heap.contains(reinterpret_cast<uintptr_t>(memory));
}

size_t size_of(const void* memory) {
    const Block* const block = server()->heap.at(reinterpret_cast<uintptr_t>(memory));
    return block == nullptr ? 0 : block->size;
}

void* new_block_if_any(size_t size, size_t alignment, const void* return_address) {
    if (server() != nullptr) {
        return allocate(size, alignment, false, return_address);
    }
    return alignment <= default_alignment ? __libc_malloc(size) : __libc_memalign(alignment, size);
}

void* new_block(size_t size, size_t alignment, const void* return_address) {
    void* const memory = new_block_if_any(size, alignment, return_address);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void release(void* memory, const void* return_address) {
    if (memory == nullptr) {
        return;
    }
    if (is_ours(memory)) {
        deallocate(memory, return_address);
    } else {
        __libc_free(memory);
    }
}

}  // namespace

void* allocate_for(size_t size, const void* return_address) {
    return serves(return_address) ? allocate(size, default_alignment, false, return_address)
                                  : __libc_malloc(size);
}

}  // namespace weave

/// The address that the entry point returns to.
#define WEAVE_CALLER __builtin_return_address(0)

extern "C" {

void* malloc(size_t size) { return weave::allocate_for(size, WEAVE_CALLER); }

void* calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    if (!weave::serves(WEAVE_CALLER)) {
        return __libc_calloc(count, size);
    }
    return weave::allocate(bytes, weave::default_alignment, true, WEAVE_CALLER);
}

void* realloc(void* old, size_t size) {
    if (old == nullptr ? !weave::serves(WEAVE_CALLER) : !weave::is_ours(old)) {
        return __libc_realloc(old, size);
    }
    void* const memory = weave::allocate(size, weave::default_alignment, false, WEAVE_CALLER);
    if (old != nullptr && memory != nullptr) {
        const size_t old_size = weave::size_of(old);
        const size_t kept = old_size < size ? old_size : size;
        if (weave::active != nullptr) {
            weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(memory),
                              reinterpret_cast<uintptr_t>(old), kept, weave::pc_of(WEAVE_CALLER));
        }
        std::memcpy(memory, old, kept);
        weave::deallocate(old, WEAVE_CALLER);
    }
    return memory;
}

void free(void* memory) { weave::release(memory, WEAVE_CALLER); }

void* memalign(size_t alignment, size_t size) {
    return weave::serves(WEAVE_CALLER) ? weave::allocate(size, alignment, false, WEAVE_CALLER)
                                       : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    return weave::serves(WEAVE_CALLER) ? weave::allocate(size, alignment, false, WEAVE_CALLER)
                                       : __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
    *memory = weave::serves(WEAVE_CALLER) ? weave::allocate(size, alignment, false, WEAVE_CALLER)
                                          : __libc_memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}

size_t malloc_usable_size(void* memory) {
    if (memory != nullptr && weave::is_ours(memory)) {
        return weave::size_of(memory);
    }
    static auto* const real =
        reinterpret_cast<size_t (*)(void*)>(dlsym(RTLD_NEXT, "malloc_usable_size"));
    return real(memory);
}
}

// A program may replace these with its own ([replacement.functions]).
#define WEAVE_REPLACEABLE __attribute__((weak))

WEAVE_REPLACEABLE void* operator new(size_t size) {
    return weave::new_block(size, weave::default_alignment, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new[](size_t size) {
    return weave::new_block(size, weave::default_alignment, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new(size_t size, std::align_val_t alignment) {
    return weave::new_block(size, static_cast<size_t>(alignment), WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new[](size_t size, std::align_val_t alignment) {
    return weave::new_block(size, static_cast<size_t>(alignment), WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new(size_t size, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, weave::default_alignment, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new[](size_t size, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, weave::default_alignment, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new(size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, static_cast<size_t>(alignment), WEAVE_CALLER);
}
WEAVE_REPLACEABLE void* operator new[](size_t size, std::align_val_t alignment,
                                       const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, static_cast<size_t>(alignment), WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete(void* memory) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete[](void* memory) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete(void* memory, size_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete[](void* memory, size_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete(void* memory, const std::nothrow_t&) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete[](void* memory, const std::nothrow_t&) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete(void* memory, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete[](void* memory, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete(void* memory, size_t, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
WEAVE_REPLACEABLE void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_CALLER);
}
