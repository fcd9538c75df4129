#include "spin.h"

#include <algorithm>

#include "execution.h"

namespace weave {

namespace {

const Store blocked{};

// A loop that keeps count has another state each time round. After so many rounds in which it has
// read the same, others are given precedence, though it may end by itself.
constexpr uint32_t repeats_until_unsure = 1024;

// Registers that a called function must preserve lie right below the entry point's frame address.
constexpr size_t saved_registers = 5;

uint64_t hash_of_stack(const Thread& thread, const void* frame) {
    const auto* word = static_cast<const uint64_t*>(frame) - saved_registers;
    const auto* const end =
        reinterpret_cast<const uint64_t*>(thread.stack + Execution::stack_bytes);
    uint64_t hash = 0xcbf29ce484222325;
    for (; word < end; ++word) {
        hash = (hash ^ *word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 29;
    }
    return hash;
}

SpinRead* find(Thread& thread, const Location& location, uint32_t pc) {
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        SpinRead& read = thread.spin_reads[i];
        if (read.pc == pc && read.location == &location) {
            return &read;
        }
    }
    return nullptr;
}

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

/// Room for one more: in place of the oldest, so that a round is there as a whole or not at all.
SpinRead& add(Thread& thread) {
    if (thread.spin_count < Thread::spin_reads_max) {
        return thread.spin_reads[thread.spin_count++];
    }
    return *std::min_element(
        thread.spin_reads, thread.spin_reads + Thread::spin_reads_max,
        [](const SpinRead& a, const SpinRead& b) { return a.visit < b.visit; });
}

__attribute__((noinline)) void clear_below() {
    // More than the runtime's deepest frames between two choice points.
    volatile uint64_t words[160];
    for (volatile uint64_t& word : words) {
        word = 0;
    }
}

}  // namespace

const Store* const spin_blocked = &blocked;

const Store* spin_before(Execution& execution, const Location& location, const AtomicAccess& access,
                         const void* frame) {
    Thread& thread = execution.current();
    SpinRead* const read = find(thread, location, access.pc);
    if (read == nullptr) {
        return nullptr;
    }
    thread.is_repeating = true;
    const uint64_t state = hash_of_stack(thread, frame);
    const bool is_same = state == read->state && !thread.wrote_plainly;
    read->state = state;
    thread.wrote_plainly = false;
    read->repeats += 1;
    const bool is_unsure = !is_same && read->repeats % repeats_until_unsure == 0;
    if (!is_same && !is_unsure) {
        return nullptr;
    }
    if (!nothing_has_changed(thread, *read)) {
        return read->store;
    }
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        if (thread.spin_reads[i].visit >= read->visit) {
            thread.spin_reads[i].location->spinners |= Execution::bit(thread.id);
        }
    }
    execution.begin_spinning(is_same);
    execution.choice_point(OperationKind::load, location.number);
    return spin_blocked;
}

void clean_stack(const Thread& thread) {
    if (thread.is_repeating) {
        clear_below();
    }
}

void spin_after(Execution& execution, Location& location, const AtomicAccess& access,
                const Store& store) {
    Thread& thread = execution.current();
    SpinRead* read = find(thread, location, access.pc);
    if (read == nullptr) {
        add(thread) = {access.pc, 0, &location, &store, 0, ++thread.visits};
        return;
    }
    if (read->store->value != store.value) {
        read->repeats = 0;
    }
    read->store = &store;
    read->visit = ++thread.visits;
}

}  // namespace weave
