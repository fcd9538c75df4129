// Mappings: defines mmap(), munmap() and mremap() of the C library. What is known of memory is
// forgotten when it is mapped or unmapped, and an execution's mappings end with it.
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>

#include "entry/library.h"
#include "entry/system.h"
#include "model/locals.h"

namespace weave {

namespace {

struct Mapping {
    uintptr_t begin;
    size_t size;
    bool is_shared;  ///< with the children of the process
};
constexpr unsigned mappings_max = 4096;
WEAVE_KEPT Mapping mappings[mappings_max] = {};
WEAVE_KEPT unsigned mapping_count = 0;

size_t in_pages(size_t size) { return (size + page_bytes - 1) & ~(page_bytes - 1); }

/// Forgets all accesses to these pages.
void forget(Execution& execution, uintptr_t begin, size_t size) {
    for (uintptr_t page = begin; page < begin + size; page += page_bytes) {
        for (uintptr_t at = page; at < page + page_bytes; at += 8) {
            if (!execution.cells.has_page(page)) {
                break;
            }
            if (Cell* const cell = execution.cells.if_ready(at); cell != nullptr) {
                cell->generation = 0;
            }
        }
    }
}

void add(uintptr_t begin, size_t size, bool is_shared) {
    if (mapping_count < mappings_max) {
        mappings[mapping_count++] = {begin, size, is_shared};
    }
}

/// Takes pages out of the list of the execution's mappings.
void remove(uintptr_t begin, size_t size) {
    for (unsigned i = 0; i < mapping_count; ++i) {
        Mapping& mapping = mappings[i];
        const uintptr_t end = mapping.begin + mapping.size;
        if (mapping.begin >= begin + size || end <= begin) {
            continue;
        }
        if (end > begin + size) {
            add(begin + size, end - (begin + size), mapping.is_shared);
        }
        if (mapping.begin < begin) {
            mapping.size = begin - mapping.begin;
        } else {
            mapping = mappings[--mapping_count];
            --i;
        }
    }
}

void note_mapped(Execution& execution, void* memory, size_t size, bool is_shared) {
    if (memory != MAP_FAILED) {
        const auto begin = reinterpret_cast<uintptr_t>(memory);
        forget(execution, begin, in_pages(size));
        remove(begin, in_pages(size));
        add(begin, in_pages(size), is_shared);
    }
}

}  // namespace

bool is_in_shared_mapping(uintptr_t address) {
    return std::any_of(mappings, mappings + mapping_count, [address](const Mapping& mapping) {
        return mapping.is_shared && address - mapping.begin < mapping.size;
    });
}

void restore_mappings() {
    while (mapping_count != 0) {
        const Mapping& last = mappings[--mapping_count];
        WEAVE_REAL(munmap)(reinterpret_cast<void*>(last.begin), last.size);
        release_layout(last.begin, last.size);
    }
}

}  // namespace weave

extern "C" {

using weave::active;

void* mmap(void* wanted, size_t size, int protection, int flags, int file, off_t offset) noexcept {
    void* const memory = WEAVE_REAL(mmap)(wanted, size, protection, flags, file, offset);
    if (weave::is_program_call(__builtin_return_address(0))) {
        weave::note_mapped(*active, memory, size, (flags & MAP_SHARED) != 0);
    }
    return memory;
}

int munmap(void* memory, size_t size) noexcept {
    if (!weave::is_program_call(__builtin_return_address(0))) {
        return WEAVE_REAL(munmap)(memory, size);
    }
    // Other threads may still use it.
    active->choice_point(weave::OperationKind::other, 0);
    const int result = WEAVE_REAL(munmap)(memory, size);
    if (result == 0) {
        const auto begin = reinterpret_cast<uintptr_t>(memory);
        weave::remove(begin, weave::in_pages(size));
        weave::forget(*active, begin, weave::in_pages(size));
        weave::release_layout(begin, weave::in_pages(size));
    }
    return result;
}

void* mremap(void* old, size_t old_size, size_t size, int flags, ...) noexcept {
    va_list list;
    va_start(list, flags);
    void* const wanted = (flags & MREMAP_FIXED) != 0 ? va_arg(list, void*) : nullptr;
    va_end(list);
    void* const memory = WEAVE_REAL(mremap)(old, old_size, size, flags, wanted);
    if (weave::is_program_call(__builtin_return_address(0)) && memory != MAP_FAILED) {
        const bool is_shared = weave::is_in_shared_mapping(reinterpret_cast<uintptr_t>(old));
        weave::remove(reinterpret_cast<uintptr_t>(old), weave::in_pages(old_size));
        weave::note_mapped(*active, memory, size, is_shared);
    }
    return memory;
}
}
