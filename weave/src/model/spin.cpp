// When a round of a loop repeats the one before: the same registers, the same stack, and the same
// values read.
#include "model/spin.h"

#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"
#include "model/thread_state.h"
#include "run/execution.h"
#include "run/real.h"

namespace weave {

namespace {

const Store blocked{};

// A loop that counts its rounds has another state in each. After every repeats_until_unsure rounds
// that have read the same values, other threads may run first, though the loop might end by itself;
// after repeats_until_stopped rounds they do.
constexpr uint32_t repeats_until_unsure = 64;
constexpr uint32_t repeats_until_stopped = 1024;

/// 0 if it is not known.
uint64_t state_of(Execution& execution, uintptr_t object, const void* frame) {
    Sum sum;
    return add_state(execution, sum, object, frame) ? sum.total() : 0;
}

/// What state_of() would have said of words that were kept.
uint64_t sum_of(const uint64_t* words, size_t count) {
    Sum sum;
    for (size_t i = 0; i < count; ++i) {
        sum.add(words[i]);
    }
    return sum.total();
}

/// Has the thread the state that it had when it last came to `read`? Keeps it for the next time: as
/// words if it is no more than a short stack, which takes less time, and otherwise as a sum.
bool comes_as_before(Execution& execution, SpinRead& read, uintptr_t object, const void* frame) {
    const Thread& thread = execution.current();
    uint64_t* const kept = thread.kept_states[&read - thread.spin_reads];
    const StackWords now = words_of_state(execution, frame);
    if (now.count == 0 || now.count > kept_words_max) {
        const uint64_t before = read.kept == 0 ? read.state : sum_of(kept, read.kept);
        read.state = state_of(execution, object, frame);
        read.kept = 0;
        return read.state != 0 && read.state == before;
    }
    const size_t bytes = now.count * sizeof *kept;
    if (read.kept == now.count && WEAVE_REAL(memcmp)(kept, now.first, bytes) == 0) {
        return true;
    }
    std::memcpy(kept, now.first, bytes);
    read.kept = static_cast<uint32_t>(now.count);
    return false;
}

bool has_changed(const SpinRead& read) {
    return read.location != nullptr ? read.location->newest->value != read.store->value
                                    : read.watch->version != read.version;
}

/// Would every read since `begin`, the first one of the loop's last round, return what it did?
bool nothing_has_changed(const Thread& thread, const SpinRead& begin) {
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        const SpinRead& read = thread.spin_reads[i];
        if (read.visit >= begin.visit && has_changed(read)) {
            return false;
        }
    }
    return true;
}

/// Is it time for other threads to run before a loop that counts its rounds?
bool gives_way(Execution& execution, const SpinRead& read) {
    if (read.repeats % repeats_until_stopped == 0) {
        execution.note_stopped_loop();
        return true;
    }
    return read.repeats % repeats_until_unsure == 0 &&
           execution.choose(Alternative::patience, 2) == 0;
}

/// A search through graphs knows by itself when a round in which a lock was given back is repeated:
/// another thread may have come to the lock in between. A replay does what the search has done.
bool may_repeat_in_graph(Execution& execution) {
    if (!execution.settings().as_in_graphs) {
        return false;
    }
    const GraphSearch* const graph = execution.graph();
    return (graph != nullptr ? execution.choose_as_planned(graph->follows() ? 1 : 0)
                             : execution.choose(Alternative::patience, 2)) != 0;
}

enum class Round {
    other,      ///< differs from the one before
    repeated,   ///< is like the one before, but something that it reads has changed since
    waited_for  ///< was about to be repeated; other threads have run instead
};

WEAVE_HOT Round begin_round(Execution& execution, SpinRead& read, const void* frame,
                            uintptr_t object) {
    Thread& thread = execution.current();
    WEAVE_CHECK(thread.spin_count != 0, thread.id);
    thread.is_repeating = true;
    thread.has_given_lock_back = thread.locks_given_back != read.locks_given_back;
    if (thread.has_given_lock_back && may_repeat_in_graph(execution)) {
        return Round::other;
    }
    const bool is_same =
        comes_as_before(execution, read, object, frame) && thread.changes == read.changes;
    read.changes = thread.changes;
    read.repeats += 1;
    if (!is_same && !gives_way(execution, read)) {
        return Round::other;
    }
    if (!nothing_has_changed(thread, read)) {
        return Round::repeated;
    }
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        const SpinRead& other = thread.spin_reads[i];
        if (other.visit >= read.visit) {
            if (other.location != nullptr) {
                other.location->spinners.add(thread.id);
                other.location->has_spinners = true;
            } else {
                other.watch->spinners.add(thread.id);
            }
        }
    }
    thread.waits_pc = read.pc;
    thread.waits_stack = execution.stack_if_traced();
    if (read.location == nullptr) {
        execution.is_beyond_graphs("a loop that polls a lock");
    }
    execution.threads.begin_spinning(is_same);
    execution.choice_point(OperationKind::load, object);
    return Round::waited_for;
}

SpinRead* find_poll(Thread& thread, const Watch& watch, uint32_t pc) {
    for (unsigned i = 0; i < thread.spin_count; ++i) {
        SpinRead& read = thread.spin_reads[i];
        if (read.pc == pc && read.watch == &watch && read.location == nullptr) {
            return &read;
        }
    }
    return nullptr;
}

}  // namespace

const Store* const spin_blocked = &blocked;

const Store* spin_before(Execution& execution, const Location& location, SpinRead& read,
                         const void* frame) {
    WEAVE_CHECK(read.location == &location, location.number);
    switch (begin_round(execution, read, frame, location.address)) {
        case Round::other:
            return nullptr;
        case Round::repeated:
            return read.store;
        case Round::waited_for:
            return spin_blocked;
    }
    return nullptr;
}

void poll_before(Execution& execution, const Watch& watch, uint32_t pc, const void* frame) {
    SpinRead* const read = find_poll(execution.current(), watch, pc);
    if (read != nullptr) {
        begin_round(execution, *read, frame, 0);
    }
}

void poll_after(Thread& thread, Watch& watch, uint32_t pc) {
    SpinRead* read = find_poll(thread, watch, pc);
    if (read == nullptr) {
        read = &add_spin_read(thread);
        read->pc = pc;
        read->repeats = 0;
        read->location = nullptr;
        read->watch = &watch;
        read->state = 0;
        read->kept = 0;
    } else if (read->version != watch.version) {
        read->repeats = 0;
    }
    read->version = watch.version;
    read->changes = thread.changes;
    read->turn = thread.turns;
    read->visit = ++thread.visits;
    read->locks_given_back = thread.locks_given_back;
}

void change(Execution& execution, Watch& watch) {
    ++watch.version;
    execution.threads.stop_spinning(watch.spinners);
    watch.spinners = {};
}

__attribute__((noinline)) void clear_below() {
    // More bytes than the runtime's frames between two choice points take.
    char bytes[1280];
    std::memset(bytes, 0, sizeof bytes);
    asm volatile("" : : "r"(bytes) : "memory");
}

}  // namespace weave
