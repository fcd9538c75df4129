// From the host's stack to the first fiber and back. Execution::choice_point() switches between
// fibers.
#include "run/fiber.h"

#include <cerrno>
#include <cstring>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

#include "run/stacks.h"

// The C++ ABI's function, whose declaration differs between the headers of C++ libraries.
extern "C" void* weave_exceptions() noexcept __asm__("__cxa_get_globals");

namespace weave {

namespace {

void fiber_entry() { FiberAccess::main(); }

/// Are all words zero? Looks at a few at a time: the first that is not ends it.
bool is_zero(const uint64_t* words, size_t count) {
    constexpr size_t part = 16;
    for (size_t at = 0; at < count; at += part) {
        uint64_t all = 0;
        for (size_t i = at; i < at + part; ++i) {
            all |= words[i];
        }
        if (all != 0) {
            return false;
        }
    }
    return true;
}

/// Zeroes what an earlier execution has left on a stack, as far as a block that is zero already:
/// the unset parts of the program's frames would show it, and the states of a thread would depend
/// on what ran before.
void clean(char* stack) {
    constexpr size_t block_words = 128;
    for (auto* block = reinterpret_cast<uint64_t*>(stack + stack_bytes) - block_words;
         reinterpret_cast<char*>(block) >= stack + stack_bytes - usual_stack_bytes;
         block -= block_words) {
        if (is_zero(block, block_words)) {
            return;
        }
        std::memset(block, 0, block_words * sizeof *block);
    }
}

}  // namespace

void begin_fiber(Thread& thread) {
    WEAVE_CHECK(thread.fiber.stack == nullptr && !thread.is_finished, thread.id);
    fiber_stacks().set_size(thread.id, usual_stack_bytes);
    thread.stack = fiber_stacks().stack(thread.id);
#if __has_feature(address_sanitizer)
    // Calls of an execution that has ended never returned, and left their marks.
    __asan_unpoison_memory_region(thread.stack, stack_bytes);
#endif
    clean(thread.stack);
    thread.fiber = begin_stack(thread.stack, stack_bytes, fiber_entry);
}

void Fibers::enter(Thread& first) {
    WEAVE_CHECK(host_.stack == nullptr && first.id == 0, first.id);
    exceptions_ = static_cast<void**>(weave_exceptions());
    error_number_ = &errno;
    std::memcpy(static_cast<void*>(host_exceptions_), exceptions_, sizeof host_exceptions_);
    std::memcpy(static_cast<void*>(exceptions_), first.exceptions, sizeof host_exceptions_);
    const int error_number = errno;
    switch_stack(host_, first.fiber);
    WEAVE_CHECK(host_.stack != nullptr);
    host_ = {};
    errno = error_number;
    std::memcpy(static_cast<void*>(exceptions_), host_exceptions_, sizeof host_exceptions_);
}

void Fibers::leave() {
    WEAVE_CHECK(host_.stack != nullptr);
    Suspended unused{};
    switch_stack(unused, host_);
    die("an execution continued after its end");
}

}  // namespace weave
