#include "spin.h"

#include <algorithm>
#include <cstring>

#include "execution.h"

namespace weave {

namespace {

const Store blocked{};

// A loop that keeps count has another state each time round. After so many rounds in which it has
// read the same, others are given precedence, though it may end by itself.
constexpr uint32_t repeats_until_unsure = 1024;

// Registers that a called function must preserve lie right below the entry point's frame address.
constexpr size_t saved_registers = 5;

/// What the thread is at an entry point: its registers, and its stack above.
struct State {
    const char* begin;
    size_t bytes;

    State(const Thread& thread, const void* frame)
        : begin(static_cast<const char*>(frame) - saved_registers * sizeof(uint64_t)),
          bytes(static_cast<size_t>(thread.stack + Execution::stack_bytes - begin)) {}

    bool operator==(const SpinRead& read) const {
        return bytes == read.state_bytes && std::memcmp(begin, read.state, bytes) == 0;
    }

    void keep(Execution& execution, SpinRead& read) const {
        if (bytes > read.state_capacity) {
            read.state_capacity = 2 * bytes;
            read.state = static_cast<char*>(execution.arena.bytes(read.state_capacity));
        }
        std::memcpy(read.state, begin, bytes);
        read.state_bytes = bytes;
    }
};

/// Would every load since `begin`, the first of the loop's last round, return what it did?
bool nothing_has_changed(const Thread& thread, const SpinRead& begin) {
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        const SpinRead& read = thread.spin_reads[i];
        if (read.visit >= begin.visit && read.location->newest->value != read.store->value) {
            return false;
        }
    }
    return true;
}

}  // namespace

const Store* const spin_blocked = &blocked;

const Store* spin_before(Execution& execution, const Location& location, SpinRead& read,
                         const void* frame) {
    Thread& thread = execution.current();
    thread.is_repeating = true;
    const State state(thread, frame);
    const bool is_same = state == read && !thread.wrote_plainly;
    if (!is_same) {
        state.keep(execution, read);
    }
    thread.wrote_plainly = false;
    read.repeats += 1;
    const bool is_unsure = !is_same && read.repeats % repeats_until_unsure == 0;
    if (!is_same && !is_unsure) {
        return nullptr;
    }
    if (!nothing_has_changed(thread, read)) {
        return read.store;
    }
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        if (thread.spin_reads[i].visit >= read.visit) {
            thread.spin_reads[i].location->spinners |= Execution::bit(thread.id);
        }
    }
    execution.begin_spinning(is_same);
    execution.choice_point(OperationKind::load, location.number);
    return spin_blocked;
}

__attribute__((noinline)) void clear_below() {
    // More than the runtime's deepest frames between two choice points.
    char bytes[1280];
    std::memset(bytes, 0, sizeof bytes);
    asm volatile("" : : "r"(bytes) : "memory");
}

}  // namespace weave
