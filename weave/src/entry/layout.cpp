// Global and local objects: defines what code calls that is compiled with -fsanitize=address, as
// far as that has to do with their layout (__asan_register_globals(), __asan_stack_malloc_*() and
// others). See model/locals.h.
#if !defined(__has_feature) || !__has_feature(address_sanitizer)

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "model/heap_check.h"
#include "model/locals.h"
#include "run/execution.h"
#include "run/image.h"

namespace weave {

uintptr_t frames_begin = 0;
uintptr_t frames_shadow = 0;
size_t frames_size = 0;

namespace {

// The place of the shadow, which is built into the compiler's code on x86-64.
constexpr uintptr_t shadow_base = 0x7fff8000;
constexpr uintptr_t shadow_end = 0x1000'7fff'8000;

// What the compiler writes into the shadow.
constexpr uint8_t left_of_local = 0xf1;
constexpr uint8_t between_locals = 0xf2;
constexpr uint8_t right_of_local = 0xf3;
constexpr uint8_t after_return = 0xf5;
constexpr uint8_t out_of_scope = 0xf8;
constexpr uint8_t behind_global = 0xf9;

// Frames have sizes of 64 << class bytes. The last 8 bytes of each hold the address of its byte in
// `used`, which the compiler's code sets to 0 when the function returns. Before that it says whose
// the frame is.
constexpr unsigned class_count = 11;
constexpr size_t class_bytes = size_t{1} << 24;
constexpr size_t frame_bytes(unsigned frame_class) { return size_t{64} << frame_class; }
constexpr size_t frames_of(unsigned frame_class) { return class_bytes / frame_bytes(frame_class); }
// A ring begins with `ring_frames`, and grows when it finds `tries_max` in a row in use. Few frames
// in turn stay in the processor's cache, with what is known of them.
constexpr size_t ring_frames = 1024;
constexpr unsigned tries_max = 16;

struct FrameClass {
    char* used;
    size_t next;     ///< the frame that is given out next, if it is not in use
    size_t ring;     ///< frames that are given out in turn
    size_t touched;  ///< frames up to the last one that was given out in this execution
    uint32_t execution;
};

bool has_shadow = false;
WEAVE_KEPT FrameClass classes[class_count] = {};

uint8_t* shadow_of(uintptr_t address) {
    return reinterpret_cast<uint8_t*>((address >> 3) + shadow_base);
}

void map_shadow() {
    if (has_shadow) {
        return;
    }
    void* const memory =
        mmap(reinterpret_cast<void*>(shadow_base), shadow_end - shadow_base, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory == MAP_FAILED) {
        die("no address space for the layout of objects");
    }
    has_shadow = true;
    frames_size = class_count * class_bytes;
    frames_begin = reinterpret_cast<uintptr_t>(reserve(frames_size));
    frames_shadow = reinterpret_cast<uintptr_t>(shadow_of(frames_begin));
    for (unsigned i = 0; i < class_count; ++i) {
        classes[i].used = static_cast<char*>(reserve(frames_of(i)));
    }
}

void begin_execution(FrameClass& frames) {
    std::memset(frames.used, 0, frames.touched);
    frames.next = frames.touched = 0;
    frames.ring = ring_frames;
    frames.execution = active->number();
}

/// The number of a frame that is not in use; that of frames if there is none.
size_t free_frame_of(FrameClass& frames, size_t count) {
    frames.ring = std::min(frames.ring, count);
    size_t chosen = frames.next;
    for (unsigned tries = 0; frames.used[chosen] != 0; ++tries) {
        if (tries == tries_max) {
            // The ring's old end is the first frame that was never in use.
            chosen = frames.ring;
            frames.ring = std::min(2 * frames.ring, count);
            return chosen;
        }
        chosen = (chosen + 1) % frames.ring;
    }
    return chosen;
}

char mark_of(unsigned thread) { return static_cast<char>(1 + thread % 255); }

/// A frame, or null if there is none: then the function keeps its locals on its stack.
void* new_frame(unsigned frame_class) {
    if (active == nullptr) {
        return nullptr;
    }
    FrameClass& frames = classes[frame_class];
    if (frames.execution != active->number()) {
        begin_execution(frames);
    }
    const size_t count = frames_of(frame_class);
    const size_t chosen = free_frame_of(frames, count);
    if (chosen == count) {
        return nullptr;
    }
    frames.next = (chosen + 1) % frames.ring;
    const size_t bytes = frame_bytes(frame_class);
    const uintptr_t frame = frames_begin + frame_class * class_bytes + chosen * bytes;
    if (chosen < frames.touched) {
        for (uintptr_t at = frame; at < frame + bytes; at += 8) {
            if (Cell* const cell = active->cells.if_ready(at); cell != nullptr) {
                cell->generation = 0;
            }
        }
    } else {
        frames.touched = chosen + 1;
    }
    frames.used[chosen] = mark_of(active->current().id);
    std::memset(shadow_of(frame), 0, bytes / 8);
    // What an earlier call has left there would make rounds of a loop differ.
    std::memset(reinterpret_cast<void*>(frame), 0, bytes);
    auto* const words = reinterpret_cast<char**>(frame + bytes);
    words[-1] = &frames.used[chosen];
    return reinterpret_cast<void*>(frame);
}

void free_frame(uintptr_t frame, unsigned frame_class) {
    const size_t bytes = frame_bytes(frame_class);
    std::memset(shadow_of(frame), after_return, bytes / 8);
    *reinterpret_cast<char**>(frame + bytes)[-1] = 0;
}

const char* words_for(uint8_t shadow) {
    switch (shadow) {
        case after_return:
            return "of a local variable whose function has returned";
        case out_of_scope:
            return "of a local variable whose block was left";
        case left_of_local:
            return "before a local variable";
        case behind_global:
            return "behind a global or static variable";
        case between_locals:
        case right_of_local:
        default:
            return "behind a local variable";
    }
}

/// What the compiler knows of a global object.
struct Global {
    uintptr_t begin;
    size_t size;
    size_t size_with_gap;
    const char* name;
    const char* module;
    uintptr_t has_dynamic_init;
    void* location;
    uintptr_t odr_indicator;
};

void set_layout(const Global& global) {
    const uintptr_t end = global.begin + global.size;
    const uintptr_t gap = (end + 7) & ~uintptr_t{7};
    const size_t gap_bytes = global.begin + global.size_with_gap - gap;
    if (end % 8 != 0) {
        *shadow_of(end) = static_cast<uint8_t>(end % 8);
    }
    std::memset(shadow_of(gap), behind_global, gap_bytes / 8);
}

/// Sets the shadow of a part of a frame. Only its first or last 8 bytes may be shared.
void set_region(uintptr_t begin, size_t size, uint8_t value) {
    if (has_shadow) {
        std::memset(shadow_of(begin), value, (size + 7) / 8);
        if (value == 0 && size % 8 != 0) {
            *shadow_of(begin + size) = static_cast<uint8_t>(size % 8);
        }
    }
}

bool allows(uint8_t shadow, uintptr_t address, size_t size) {
    return shadow == 0 || (shadow < 8 && (address & 7) + size <= shadow);
}

}  // namespace

uint8_t usable_by_layout(uintptr_t address) {
    if (!has_shadow) {
        return 0xff;
    }
    const uint8_t shadow = *shadow_of(address);
    return static_cast<uint8_t>(shadow == 0 ? 0xff : shadow < 8 ? (1u << shadow) - 1 : 0);
}

bool is_usable_by_layout(uintptr_t begin, size_t size) {
    const uint8_t* const shadow = shadow_of(begin);
    return !has_shadow ||
           std::all_of(shadow, shadow + (size + 7) / 8, [](uint8_t byte) { return byte == 0; });
}

void release_layout(uintptr_t begin, size_t size) {
    const auto first = reinterpret_cast<uintptr_t>(shadow_of(begin)) + page_bytes - 1;
    const uintptr_t from = first / page_bytes * page_bytes;
    const uintptr_t to =
        reinterpret_cast<uintptr_t>(shadow_of(begin + size)) / page_bytes * page_bytes;
    if (has_shadow && from < to) {
        madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
    }
}

void report_layout(Execution& execution, uintptr_t address, size_t size, bool is_write,
                   uint32_t pc) {
    uint8_t shadow = *shadow_of(address);
    if (shadow < 8) {
        shadow = *shadow_of(address + 8);
    }
    const bool is_dead = shadow == after_return || shadow == out_of_scope;
    Facts facts{};
    facts.verdict = is_dead ? Verdict::use_after_free : Verdict::out_of_bounds;
    facts.address = address;
    facts.size = static_cast<uint32_t>(size);
    facts.access_count = 1;
    facts.accesses[0] = fact_of(execution, pc, is_write, false);
    facts.thread = execution.current().id;
    facts.pc = pc;
    std::snprintf(facts.what, sizeof facts.what, "%s of %zu bytes %s",
                  is_write ? "a write" : "a read", size, words_for(shadow));
    execution.fail(facts);
}

void check_frame(Execution& execution, uintptr_t address, size_t size, bool is_write, uint32_t pc) {
    for (size_t done = 0; done < size;) {
        const uintptr_t at = address + done;
        const size_t part = size - done < 8 - (at & 7) ? size - done : 8 - (at & 7);
        if (!allows(*shadow_of(at), at, part)) {
            report_layout(execution, address, size, is_write, pc);
        }
        done += part;
    }
}

FrameUse find_frame(uintptr_t address, unsigned thread, FrameRange& frame) {
    const size_t frame_class = (address - frames_begin) / class_bytes;
    WEAVE_CHECK(frame_class < class_count, address);
    const FrameClass& frames = classes[frame_class];
    const size_t bytes = frame_bytes(static_cast<unsigned>(frame_class));
    const size_t number = (address - frames_begin) % class_bytes / bytes;
    if (frames.execution != active->number() || number >= frames.touched ||
        frames.used[number] == 0) {
        return FrameUse::dead;
    }
    const uintptr_t begin = frames_begin + frame_class * class_bytes + number * bytes;
    frame = {begin, begin + bytes - sizeof(char*)};
    return frames.used[number] == mark_of(thread) ? FrameUse::own : FrameUse::of_others;
}

void for_each_frame(void* to, void (*scan)(void* to, uintptr_t begin, uintptr_t end)) {
    for (unsigned i = 0; i < class_count; ++i) {
        const FrameClass& frames = classes[i];
        if (frames.used == nullptr || frames.execution != active->number()) {
            continue;
        }
        for (size_t frame = 0; frame < frames.touched; ++frame) {
            if (frames.used[frame] != 0) {
                const uintptr_t begin = frames_begin + i * class_bytes + frame * frame_bytes(i);
                scan(to, begin, begin + frame_bytes(i));
            }
        }
    }
}

}  // namespace weave

#define WEAVE_FRAME_CLASS(CLASS)                                                         \
    void* __asan_stack_malloc_##CLASS(size_t) { return weave::new_frame(CLASS); }        \
    void* __asan_stack_malloc_always_##CLASS(size_t) { return weave::new_frame(CLASS); } \
    void __asan_stack_free_##CLASS(uintptr_t frame, size_t) { weave::free_frame(frame, CLASS); }

#define WEAVE_SET_SHADOW(NAME, VALUE)                          \
    void __asan_set_shadow_##NAME(uintptr_t at, size_t size) { \
        std::memset(reinterpret_cast<void*>(at), VALUE, size); \
    }

extern "C" {

// The compiler's code reads it.
int __asan_option_detect_stack_use_after_return = 1;

void* __tsan_memcpy(void* to, const void* from, size_t size);
void* __tsan_memmove(void* to, const void* from, size_t size);
void* __tsan_memset(void* to, int value, size_t size);

void __asan_init() { weave::map_shadow(); }
void __asan_version_mismatch_check_v8() {}
void __asan_handle_no_return() {}
void __asan_before_dynamic_init(const char*) {}
void __asan_after_dynamic_init() {}

void __asan_register_globals(const weave::Global* globals, size_t count) {
    weave::map_shadow();
    for (size_t i = 0; i < count; ++i) {
        weave::set_layout(globals[i]);
    }
}
void __asan_unregister_globals(const weave::Global*, size_t) {}
void __asan_register_elf_globals(uintptr_t*, const weave::Global* begin, const weave::Global* end) {
    if (begin != nullptr) {
        __asan_register_globals(begin, static_cast<size_t>(end - begin));
    }
}
void __asan_unregister_elf_globals(uintptr_t*, const weave::Global*, const weave::Global*) {}

void __asan_poison_stack_memory(uintptr_t begin, size_t size) {
    weave::set_region(begin, size, weave::out_of_scope);
}
void __asan_unpoison_stack_memory(uintptr_t begin, size_t size) {
    weave::set_region(begin, size, 0);
}
void __asan_alloca_poison(uintptr_t, size_t) {}
void __asan_allocas_unpoison(uintptr_t, uintptr_t) {}

WEAVE_FRAME_CLASS(0)
WEAVE_FRAME_CLASS(1)
WEAVE_FRAME_CLASS(2)
WEAVE_FRAME_CLASS(3)
WEAVE_FRAME_CLASS(4)
WEAVE_FRAME_CLASS(5)
WEAVE_FRAME_CLASS(6)
WEAVE_FRAME_CLASS(7)
WEAVE_FRAME_CLASS(8)
WEAVE_FRAME_CLASS(9)
WEAVE_FRAME_CLASS(10)

WEAVE_SET_SHADOW(00, 0)
WEAVE_SET_SHADOW(01, 1)
WEAVE_SET_SHADOW(02, 2)
WEAVE_SET_SHADOW(03, 3)
WEAVE_SET_SHADOW(04, 4)
WEAVE_SET_SHADOW(05, 5)
WEAVE_SET_SHADOW(06, 6)
WEAVE_SET_SHADOW(07, 7)
WEAVE_SET_SHADOW(f1, 0xf1)
WEAVE_SET_SHADOW(f2, 0xf2)
WEAVE_SET_SHADOW(f3, 0xf3)
WEAVE_SET_SHADOW(f5, 0xf5)
WEAVE_SET_SHADOW(f8, 0xf8)

void* __asan_memcpy(void* to, const void* from, size_t size) {
    return __tsan_memcpy(to, from, size);
}
void* __asan_memmove(void* to, const void* from, size_t size) {
    return __tsan_memmove(to, from, size);
}
void* __asan_memset(void* to, int value, size_t size) { return __tsan_memset(to, value, size); }

// The size of an array that new[] has made lies before it.
void __asan_poison_cxx_array_cookie(uintptr_t) {}
uintptr_t __asan_load_cxx_array_cookie(const uintptr_t* cookie) { return *cookie; }

// What libc++ and programs call if they see that they are compiled with -fsanitize=address.
void __sanitizer_annotate_contiguous_container(const void*, const void*, const void*, const void*) {
}
void __sanitizer_annotate_double_ended_contiguous_container(const void*, const void*, const void*,
                                                            const void*, const void*, const void*) {
}
void __asan_poison_memory_region(const void*, size_t) {}
void __asan_unpoison_memory_region(const void*, size_t) {}
}

#else

// The runtime of weave's own tests is compiled with AddressSanitizer, which checks the layout
// itself.
#include <cstdlib>

#include "model/locals.h"

namespace weave {

uintptr_t frames_begin = 0;
uintptr_t frames_shadow = 0;
size_t frames_size = 0;

uint8_t usable_by_layout(uintptr_t) { return 0xff; }
bool is_usable_by_layout(uintptr_t, size_t) { return true; }
void release_layout(uintptr_t, size_t) {}
void check_frame(Execution&, uintptr_t, size_t, bool, uint32_t) {}
void report_layout(Execution&, uintptr_t, size_t, bool, uint32_t) { std::abort(); }
FrameUse find_frame(uintptr_t, unsigned, FrameRange&) { return FrameUse::dead; }

void for_each_frame(void*, void (*)(void*, uintptr_t, uintptr_t)) {}

}  // namespace weave

#endif
