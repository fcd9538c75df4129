// The life of locks and the like: what a wrong use of one says.
#include "entry/lock.h"

#include <algorithm>
#include <utility>

#include "graph/graph_search.h"
#include "model/thread_state.h"
#include "run/image.h"

namespace weave {

namespace {

bool is_busy(const SyncObject& object) {
    return object.owner != SyncObject::no_owner || object.readers != 0;
}

bool is_waited_on(const SyncObject& object) {
    return object.queue_length != 0 || object.waiters != 0;
}

/// Where an object lives on without being initialised again. On a stack the next call of a function
/// may put another one at the same place.
bool is_of_long_life(const Execution& execution, const void* address) {
    return execution.heap.contains(reinterpret_cast<uintptr_t>(address)) || is_in_image(address);
}

}  // namespace

void check_alive(Execution& execution, const void* mark, const char* what, uint32_t pc) {
    const auto address = reinterpret_cast<uintptr_t>(mark);
    if (*static_cast<const uint32_t*>(mark) == destroyed) {
        execution.fail(Verdict::assertion, pc, "%s is used after its destruction", what);
    }
    constexpr size_t size = sizeof destroyed;
    if (execution.heap.contains(address) && still_has_fill(address, size) &&
        (execution.cells.at(address).written & mask_of(address, size)) == 0) {
        execution.fail(Verdict::assertion, pc, "%s is used before its initialisation", what);
    }
}

SyncObject& initialise_object(Execution& execution, const void* address, SyncKind kind,
                              const char* what, uint32_t pc) {
    sync_access(execution, reinterpret_cast<uintptr_t>(address), pc);
    const SyncObject* const used = execution.object_if_used(address);
    if (used != nullptr && used->kind == kind && is_of_long_life(execution, address)) {
        if (is_busy(*used) || is_waited_on(*used)) {
            execution.fail(Verdict::assertion, pc, "%s is initialised while it is in use", what);
        }
        if (used->is_initialised) {
            execution.fail(Verdict::assertion, pc, "%s is initialised twice", what);
        }
    }
    if (used != nullptr) {
        execution.forget_object(address);
    }
    SyncObject& object = execution.object(address, kind, pc);
    object.is_initialised = true;
    return object;
}

void destroy_object(Execution& execution, const void* address, void* mark, const char* what,
                    uint32_t pc) {
    sync_access(execution, reinterpret_cast<uintptr_t>(address), pc);
    const SyncObject* const object = execution.object_if_used(address);
    if (object == nullptr) {
        check_alive(execution, mark, what, pc);
    } else {
        if (is_busy(*object)) {
            execution.fail(Verdict::assertion, pc, "%s is destroyed while it is held", what);
        }
        if (is_waited_on(*object)) {
            execution.fail(Verdict::assertion, pc, "%s is destroyed while a thread waits on it",
                           what);
        }
        execution.forget_object(address);
    }
    std::memcpy(mark, &destroyed, sizeof destroyed);
}

void join_queue(Execution& execution, SyncObject& object) {
    WEAVE_CHECK(object.queue_length < threads_max, object.queue_length);
    if (object.queue == nullptr) {
        object.queue = execution.arena.array<uint16_t>(size_t{64} * thread_words);
    }
    object.queue[object.queue_length++] = self(execution);
}

void leave_queue(SyncObject& object, uint16_t thread) {
    uint16_t* const end = object.queue + object.queue_length;
    uint16_t* const found = std::find(object.queue, end, thread);
    if (found != end) {
        std::copy(found + 1, end, found);
        --object.queue_length;
    }
}

uint64_t state_at_limit(Execution& execution, Patience patience, uint32_t pc, const void* frame) {
    Thread& thread = execution.current();
    const TimesOfState times{thread.time_ns, patience.until_ns};
    Sum sum;
    sum.add(uint64_t{pc});
    sum.add(std::exchange(thread.later_times, 0));
    return frame != nullptr && add_state(execution, sum, 0, frame, &times) ? sum.total() : 0;
}

WaitEnd choose_end(Execution& execution, Patience patience, bool may_be_spurious, uint32_t pc,
                   const void* frame) {
    Thread& thread = execution.current();
    if (!execution.settings().as_in_graphs) {
        return WaitEnd::by_another;
    }
    // Each choice is a turn of its own.
    if (patience.kind == Patience::Kind::limited) {
        execution.choice_point(OperationKind::yield, 0);
        if (execution.graph() != nullptr) {
            execution.graph()->comes_to_limit(state_at_limit(execution, patience, pc, frame));
        }
        if (execution.choose(Alternative::limit, 2) != 0) {
            execution.watch_times(thread);
            return WaitEnd::by_time;
        }
        execution.waits_with_limit();
    }
    thread.watches_times = false;
    if (may_be_spurious && execution.settings().spurious_wakeups && !thread.was_woken_spuriously) {
        execution.choice_point(OperationKind::yield, 0);
        if (execution.choose(Alternative::wake_up, 2) != 0) {
            thread.was_woken_spuriously = true;
            return WaitEnd::for_no_reason;
        }
    }
    return WaitEnd::by_another;
}

Request planned(Execution& execution, Request request) {
    if (execution.settings().as_in_graphs && request.patience.kind == Patience::Kind::limited) {
        request.ends_by_limit = choose_end(execution, request.patience, /*may_be_spurious=*/false,
                                           request.pc, request.frame) == WaitEnd::by_time;
        if (request.ends_by_limit) {
            execution.reach_limit(request.patience.until_ns);
        }
        request.patience = request.ends_by_limit ? no_patience : endless_patience;
    }
    return request;
}

void give_up_in_graph(Execution& execution) {
    if (execution.graph() != nullptr) {
        execution.graph()->gives_up();
    }
    execution.choice_point(OperationKind::yield, 0);
}

bool fails_by_chance(Execution& execution) {
    constexpr unsigned failures_max = 2;
    Thread& thread = execution.current();
    if (!execution.settings().spurious_wakeups || thread.chance_failures == failures_max ||
        execution.choose(Alternative::failure, 2) == 0) {
        return false;
    }
    ++thread.chance_failures;
    // The next round of a loop is not the same as this one.
    thread.note_private_change();
    return true;
}

}  // namespace weave
