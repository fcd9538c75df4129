// The program's allocator while an execution runs, or a whole program starts; the system's
// otherwise.
//
// A block that the program got outside of these is the system's, wherever it is freed. So is what a
// shared library gets from malloc, such as the buffers of the C library's files: like the library's
// variables it outlives the execution.
#include <dlfcn.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "model/plain.h"
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

/// Between two owners of the same memory nothing of the first one's is left.
void forget_cells(Execution& execution, const Block& block) {
    for (uintptr_t at = block.base & ~uintptr_t{7}; at < block.base + block.capacity; at += 8) {
        if (Cell* const cell = execution.cells.if_ready(at); cell != nullptr) {
            cell->generation = 0;
        }
    }
}

/// Threads of the system may run before main(), and allocate at the same time.
class StartLock {
  public:
    StartLock() {
        while (flag.test_and_set(std::memory_order_acquire)) {
        }
    }
    StartLock(const StartLock&) = delete;
    StartLock& operator=(const StartLock&) = delete;
    ~StartLock() { flag.clear(std::memory_order_release); }  // pairs with the acquire above

  private:
    static std::atomic_flag flag;
};

std::atomic_flag StartLock::flag;

/// Of a whole program that has not come to its main() yet.
void* allocate_at_start(size_t size, size_t alignment, bool is_zeroed, const void* return_address) {
    const StartLock lock;
    Block* const block = starting->heap.allocate(size, alignment);
    if (block == nullptr) {
        die("no room for what the program allocates before main()");
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
                       "no room for %zu bytes: an execution may allocate %zu MiB in all", size,
                       Heap::bytes_max >> 20);
    }
    block->allocated_by = thread.id;
    block->allocated_pc = pc_of(return_address);
    block->allocated_step = execution.step();
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
        facts.accesses[1] = {pc, execution.step(), execution.current().id, true, false, true};
        facts.thread = execution.current().id;
        facts.pc = pc;
        execution.fail(facts);
    }
    execution.fail(Verdict::crash, pc, "free of an address that no block begins at");
}

void deallocate(void* memory, const void* return_address) {
    const auto address = reinterpret_cast<uintptr_t>(memory);
    if (starting != nullptr) {
        const StartLock lock;
        starting->heap.free(*starting->heap.at(address));
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

constexpr size_t default_alignment = 16;

/// The execution whose heap serves the program now, or null.
Execution* server() { return active != nullptr ? active : starting; }

/// Does a call from there get its memory here?
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

}  // namespace weave

#define WEAVE_PC __builtin_return_address(0)

extern "C" {

void* malloc(size_t size) {
    return weave::serves(WEAVE_PC)
               ? weave::allocate(size, weave::default_alignment, false, WEAVE_PC)
               : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    if (!weave::serves(WEAVE_PC)) {
        return __libc_calloc(count, size);
    }
    return weave::allocate(bytes, weave::default_alignment, true, WEAVE_PC);
}

void* realloc(void* old, size_t size) {
    if (old == nullptr ? !weave::serves(WEAVE_PC) : !weave::is_ours(old)) {
        return __libc_realloc(old, size);
    }
    void* const memory = weave::allocate(size, weave::default_alignment, false, WEAVE_PC);
    if (old != nullptr && memory != nullptr) {
        const size_t old_size = weave::size_of(old);
        const size_t kept = old_size < size ? old_size : size;
        if (weave::active != nullptr) {
            weave::plain_copy(*weave::active, reinterpret_cast<uintptr_t>(memory),
                              reinterpret_cast<uintptr_t>(old), kept, weave::pc_of(WEAVE_PC));
        }
        std::memcpy(memory, old, kept);
        weave::deallocate(old, WEAVE_PC);
    }
    return memory;
}

void free(void* memory) { weave::release(memory, WEAVE_PC); }

void* memalign(size_t alignment, size_t size) {
    return weave::serves(WEAVE_PC) ? weave::allocate(size, alignment, false, WEAVE_PC)
                                   : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    return weave::serves(WEAVE_PC) ? weave::allocate(size, alignment, false, WEAVE_PC)
                                   : __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
    *memory = weave::serves(WEAVE_PC) ? weave::allocate(size, alignment, false, WEAVE_PC)
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

void* operator new(size_t size) {
    return weave::new_block(size, weave::default_alignment, WEAVE_PC);
}
void* operator new[](size_t size) {
    return weave::new_block(size, weave::default_alignment, WEAVE_PC);
}
void* operator new(size_t size, std::align_val_t alignment) {
    return weave::new_block(size, static_cast<size_t>(alignment), WEAVE_PC);
}
void* operator new[](size_t size, std::align_val_t alignment) {
    return weave::new_block(size, static_cast<size_t>(alignment), WEAVE_PC);
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, weave::default_alignment, WEAVE_PC);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, weave::default_alignment, WEAVE_PC);
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, static_cast<size_t>(alignment), WEAVE_PC);
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return weave::new_block_if_any(size, static_cast<size_t>(alignment), WEAVE_PC);
}
void operator delete(void* memory) noexcept { weave::release(memory, WEAVE_PC); }
void operator delete[](void* memory) noexcept { weave::release(memory, WEAVE_PC); }
void operator delete(void* memory, size_t) noexcept { weave::release(memory, WEAVE_PC); }
void operator delete[](void* memory, size_t) noexcept { weave::release(memory, WEAVE_PC); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    weave::release(memory, WEAVE_PC);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
    weave::release(memory, WEAVE_PC);
}
void operator delete(void* memory, std::align_val_t) noexcept { weave::release(memory, WEAVE_PC); }
void operator delete[](void* memory, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_PC);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_PC);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
    weave::release(memory, WEAVE_PC);
}
