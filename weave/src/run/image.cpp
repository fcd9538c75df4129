// The segments of the executable, as the dynamic linker lists them.
#include "run/image.h"

#include <link.h>
#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "run/base.h"
#include "run/execution.h"

// The linker's names for the section of WEAVE_KEPT, and for the addresses of all functions that
// -fpatchable-function-entry lists, which are in writable memory too.
extern "C" {
extern char __start_weave_kept[];
extern char __stop_weave_kept[];
extern char __start___patchable_function_entries[] __attribute__((weak));
extern char __stop___patchable_function_entries[] __attribute__((weak));
}

namespace weave {

namespace {

struct Image {
    uintptr_t base = 0;
    Region all{~uintptr_t{0}, 0};
    Regions writable;
    Regions code;

    Image() { dl_iterate_phdr(&Image::visit, this); }

    static int visit(dl_phdr_info* info, size_t, void* self) {
        // The executable comes first.
        auto& image = *static_cast<Image*>(self);
        image.base = info->dlpi_addr;
        for (int i = 0; i < info->dlpi_phnum; ++i) {
            const ElfW(Phdr)& header = info->dlpi_phdr[i];
            if (header.p_type == PT_LOAD) {
                const uintptr_t begin = image.base + header.p_vaddr;
                image.all = {std::min(image.all.begin, begin),
                             std::max(image.all.end, begin + header.p_memsz)};
            }
            if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0 &&
                image.code.count < Regions::count_max) {
                const uintptr_t begin = image.base + header.p_vaddr;
                image.code.items[image.code.count++] = {begin, begin + header.p_filesz};
            }
            if (header.p_type == PT_LOAD && (header.p_flags & PF_W) != 0 &&
                image.writable.count < Regions::count_max) {
                const uintptr_t begin = image.base + header.p_vaddr;
                image.writable.items[image.writable.count++] = {begin, begin + header.p_memsz};
            }
        }
        for (int i = 0; i < info->dlpi_phnum; ++i) {
            const ElfW(Phdr)& header = info->dlpi_phdr[i];
            if (header.p_type == PT_GNU_RELRO) {
                image.leave_out(image.base + header.p_vaddr, header.p_memsz);
            }
        }
        return 1;
    }

    void leave_out(uintptr_t begin, size_t size) {
        const uintptr_t end = (begin + size) & ~(page_bytes - 1);
        for (Region& region : writable.items) {
            if (region.begin <= begin && begin < region.end) {
                region.begin = end < region.end ? end : region.end;
            }
        }
    }
};

const Image& image() {
    static const Image the_image;
    return the_image;
}

WEAVE_KEPT uintptr_t host_stack_lowest = 0;

}  // namespace

uintptr_t image_end() { return image().all.end; }

uintptr_t image_base() { return image().base; }

uint64_t image_identity() {
    // FNV-1a, a word at a time.
    uint64_t hash = 0xcbf29ce484222325;
    for (const Region& region : image().code) {
        for (uintptr_t at = region.begin; at + 8 <= region.end; at += 8) {
            uint64_t word;
            std::memcpy(&word, reinterpret_cast<const void*>(at), sizeof word);
            hash = (hash ^ word) * 0x100000001b3;
            hash ^= hash >> 29;
        }
    }
    return hash | 1;
}

const Regions& writable_image() { return image().writable; }

ImageSnapshot::ImageSnapshot() {
    // In the order of their addresses.
    Region left_out[] = {
        {reinterpret_cast<uintptr_t>(__start_weave_kept),
         reinterpret_cast<uintptr_t>(__stop_weave_kept)},
        {reinterpret_cast<uintptr_t>(__start___patchable_function_entries),
         reinterpret_cast<uintptr_t>(__stop___patchable_function_entries)},
        {reinterpret_cast<uintptr_t>(__start___llvm_prf_cnts),
         reinterpret_cast<uintptr_t>(__stop___llvm_prf_cnts)},
    };
    std::sort(std::begin(left_out), std::end(left_out),
              [](const Region& a, const Region& b) { return a.begin < b.begin; });
    for (const Region& region : writable_image()) {
        uintptr_t begin = region.begin;
        for (const Region& part : left_out) {
            if (begin <= part.begin && part.end <= region.end) {
                add(begin, part.begin);
                begin = part.end;
            }
        }
        add(begin, region.end);
    }
}

void ImageSnapshot::add(uintptr_t begin, uintptr_t end) {
    if (begin < end) {
        WEAVE_CHECK(count_ < parts_max, count_);
        void* const copy = reserve(end - begin);
        std::memcpy(copy, reinterpret_cast<const void*>(begin), end - begin);
        parts_[count_++] = {begin, end - begin, copy};
    }
}

void ImageSnapshot::restore() const {
    for (unsigned i = 0; i < count_; ++i) {
        restore_bytes(parts_[i].begin, parts_[i].copy, parts_[i].size);
    }
}

bool is_in_image(const void* address) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    return image().all.begin <= at && at < image().all.end;
}

void set_host_stack(uintptr_t lowest) {
    host_stack_lowest = lowest;
    // Asks the system now: inside of an execution the answer would be about a fiber.
    host_stack();
}

Region host_stack() {
    static const uintptr_t end = [] {
        pthread_attr_t attributes;
        void* stack = nullptr;
        size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstack(&attributes, &stack, &size);
            pthread_attr_destroy(&attributes);
        }
        return reinterpret_cast<uintptr_t>(stack) + size;
    }();
    return {host_stack_lowest, end};
}

}  // namespace weave
