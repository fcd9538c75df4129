// Twins: threads that begin alike. Of executions that differ only in which of them has which name,
// one is enough. SEARCH.md says why the ones that are left out here are such, and what ends it.
#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"
#include "model/thread_state.h"
#include "run/execution.h"

namespace weave {

// ----- which threads are twins -------------------------------------------------------------------

void GraphSearch::begin_twins() {
    has_twins_ = false;
    half_joined_ = 0;
    if (symmetry_ == Symmetry::none) {
        return;
    }
    for (unsigned name = 0; name < graph_threads_max; ++name) {
        twins_[name] = {};
        twins_[name].of = twins_[name].parent = no_twin;
        done_by_[name].clear();
    }
}

/// A new thread of that name, and the thread that has started it with all that it knows.
const Snapshot* GraphSearch::begin_twin(unsigned name, unsigned parent, const Clock& known) {
    if (symmetry_ == Symmetry::none) {
        return nullptr;
    }
    come_between_joins();
    const Thread& thread = execution_->threads[ids_[name]];
    Twin& twin = twins_[name];
    twin.first = static_cast<uint8_t>(name);
    twin.parent = static_cast<uint8_t>(parent);
    twin.count = 1;
    twin.began = times_[parent];
    twin.is_in_family = twins_[parent].is_in_family;
    twin.known = known.snapshot(execution_->arena);
    note_argument(twin, thread.argument);
    // Its own twin has not started a thread yet, so they are not alike any more.
    twins_[parent].is_other = true;
    const unsigned before = previous_child(name);
    if (before == graph_threads_max || !begins_alike(before, name)) {
        return nullptr;
    }
    Twin& other = twins_[before];
    Twin& first = twins_[other.first];
    if (thread.argument != execution_->threads[ids_[before]].argument) {
        twin.owns_block = other.owns_block = true;
        take_block(twin);
    }
    twin.of = static_cast<uint8_t>(before);
    twin.first = other.first;
    twin.is_in_family = other.is_in_family = true;
    ++first.count;
    has_twins_ = true;
    return first.known;
}

/// The name of the thread that the same one has started right before, or graph_threads_max.
unsigned GraphSearch::previous_child(unsigned name) const {
    for (unsigned other = 0; other < name_count_; ++other) {
        if (named_[other].parent == named_[name].parent &&
            named_[other].ordinal + 1 == named_[name].ordinal && ids_[other] != threads_max) {
            return other;
        }
    }
    return graph_threads_max;
}

/// Do the threads begin with the same function and argument, and has the thread that started them
/// come to no event between?
bool GraphSearch::begins_alike(unsigned first, unsigned second) {
    const Thread& a = execution_->threads[ids_[first]];
    const Thread& b = execution_->threads[ids_[second]];
    const Twin& one = twins_[first];
    const Twin& other = twins_[second];
    const bool is_same_block = !one.has_ended && one.block_size != 0 &&
                               one.block_size == other.block_size && one.bytes == other.bytes;
    return a.start == b.start && (a.argument == b.argument || is_same_block) && !one.has_looked &&
           twins_[one.first].joined == 0 &&
           std::memcmp(&one.began, &other.began, sizeof one.began) == 0;
}

/// std::thread gives each thread a block of its own, with the function object.
void GraphSearch::note_argument(Twin& twin, void* argument) {
    const Block* const block = execution_->heap.at(reinterpret_cast<uintptr_t>(argument));
    if (block == nullptr || block->is_freed) {
        return;
    }
    twin.block = block->base;
    twin.block_size = block->size;
    Sum sum;
    for (size_t at = 0; at < block->size; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, reinterpret_cast<const void*>(block->base + at),
                    std::min(sizeof word, block->size - at));
        sum.add(word);
    }
    twin.bytes = sum.total();
}

/// Makes the block one that no thread but the twin has used: what its creator has written there is
/// not one of the things that tell it from others.
void GraphSearch::take_block(const Twin& twin) {
    Block* const block = execution_->heap.at(twin.block);
    block->allocated_epoch = 0;
    for (uintptr_t at = twin.block; at < twin.block + twin.block_size; at += sizeof(uint64_t)) {
        Cell& cell = execution_->cells.at(at);
        cell.owner = 0;
        cell.begin_places();
    }
}

// ----- what tells them apart ---------------------------------------------------------------------

void GraphSearch::tell_apart(const char* what) {
    if (has_twins_ && symmetry_ != Symmetry::none) {
        asymmetry_ = what;
        wanted_symmetry_ = Symmetry::none;
    }
}

void GraphSearch::tells_twins_apart(const char* what) {
    if (symmetry_ == Symmetry::none || !follows()) {
        return;
    }
    for (unsigned name = current_name(); name != no_twin; name = twins_[name].parent) {
        twins_[name].has_looked = true;
        if (twins_[name].is_in_family) {
            tell_apart(what);
        }
    }
}

void GraphSearch::ended(unsigned thread) {
    if (!follows() || symmetry_ == Symmetry::none) {
        return;
    }
    Twin& twin = twins_[names_[thread]];
    twin.has_ended = true;
    if (twin.owns_block) {
        const Block* const block = execution_->heap.at(twin.block);
        if (block == nullptr || !block->is_freed || block->freed_by != thread) {
            tell_apart("an argument that outlives its thread");
        }
    }
}

/// The current thread joins a twin. False if it joins another one of them later: it learns then
/// what all of them have done.
bool GraphSearch::join_twin(unsigned name) {
    const unsigned first_name = twins_[name].first;
    Twin& first = twins_[first_name];
    if (first.count <= 1) {
        return true;
    }
    if (current_name() != first.parent) {
        tell_apart("a thread that another one joins than has started it");
    }
    half_joined_ += first.joined == 0 ? 1 : 0;
    if (++first.joined != first.count) {
        return false;
    }
    --half_joined_;
    for (unsigned other = 0; other < name_count_; ++other) {
        if (other != name && ids_[other] != threads_max && twins_[other].count != 0 &&
            twins_[other].first == first_name) {
            execution_->current().clock.join(execution_->threads[ids_[other]].clock);
        }
    }
    return true;
}

/// The current thread does something that is not a join.
void GraphSearch::come_between_joins() {
    const unsigned current = current_name();
    for (unsigned name = 0; half_joined_ != 0 && name < name_count_; ++name) {
        const Twin& first = twins_[name];
        if (first.joined != 0 && first.joined < first.count && first.parent == current) {
            tell_apart("an operation between the joins of threads that have begun alike");
        }
    }
}

/// An event of the current thread.
void GraphSearch::check_symmetry(const GraphEvent& event) {
    const bool may_be_sc =
        event.is_sc || event.is_bound ||
        (event.kind == GraphKind::read && (event.is_sc_if_stored || event.is_sc_if_not));
    if (symmetry_ == Symmetry::full && may_be_sc && execution_->settings().memory == Memory::c20 &&
        wanted_symmetry_ == Symmetry::full) {
        wanted_symmetry_ = Symmetry::turns;
    }
    if (event.address == 0) {
        return;
    }
    for (unsigned name = 0; name < name_count_; ++name) {
        const Twin& twin = twins_[name];
        if (twin.owns_block && name != event.thread &&
            event.address - twin.block < twin.block_size) {
            tell_apart("an argument that another thread uses");
        }
    }
}

// ----- what is left out --------------------------------------------------------------------------

/// An event of the current thread has its place.
void GraphSearch::note_done(const GraphEvent& event) {
    const auto stamp = static_cast<Stamp>(&event - &at(1) + 1);
    done_by_[event.thread].push(stamp);
    WEAVE_CHECK(done_by_[event.thread].size() == event.index, event.index, event.thread);
}

/// Were the two events of twins the same, so that they are still alike?
bool GraphSearch::is_same(Stamp first, Stamp second) {
    const GraphEvent& a = at(first);
    const GraphEvent& b = at(second);
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
        case GraphKind::read:
            return a.address == b.address && a.store == b.store;
        case GraphKind::choice:
            return a.value == b.value;
        case GraphKind::fence:
            return true;
        case GraphKind::write:
        case GraphKind::sync:
        case GraphKind::stop:
            // One of them comes before the other on the object.
            return false;
    }
    return false;
}

/// Has a thread done the same as its twin so far?
bool GraphSearch::is_tied(unsigned name) {
    Twin& twin = twins_[name];
    if (twin.of == no_twin || twin.is_other) {
        return false;
    }
    const auto& own = done_by_[name];
    const auto& others = done_by_[twin.of];
    for (; twin.same < own.size(); ++twin.same) {
        if (twin.same == others.size() || !is_same(others[twin.same], own[twin.same])) {
            twin.is_other = true;
            return false;
        }
    }
    return true;
}

/// Is it its twin's turn to do what both have come to?
bool GraphSearch::is_turn_of_twin(unsigned thread) {
    const unsigned name = names_[thread];
    return is_tied(name) && done_by_[twins_[name].of].size() <= done_by_[name].size() &&
           !twins_[twins_[name].of].has_ended;
}

/// The next event of a thread comes after the operation of its twin that has come to the same.
/// Returns that one's event, or 0.
Stamp GraphSearch::follow_twin(unsigned name) {
    if (!is_tied(name)) {
        return 0;
    }
    const auto& others = done_by_[twins_[name].of];
    const size_t index = done_by_[name].size();
    if (index >= others.size()) {
        if (!twins_[twins_[name].of].has_ended) {
            lose();
        }
        twins_[name].is_other = true;
        return 0;
    }
    size_t last = index;
    while (last + 1 < others.size() && at(others[last + 1]).partner == others[index]) {
        ++last;
    }
    times_[name].join(at(others[last]).porf);
    return others[index];
}

/// Is a store the one that the twin's read returns, or newer, or does that read come before it?
bool GraphSearch::may_read_beside_twin(const GraphEvent& read, const Store& store,
                                       const Prefix* porf) {
    if (symmetry_ != Symmetry::full) {
        return true;
    }
    const GraphEvent& first = at(read.twin);
    if (first.kind != GraphKind::read || first.address != read.address || first.store == nullptr ||
        (porf != nullptr && contains(*porf, first))) {
        return true;
    }
    for (const Store* newer = first.store; newer != nullptr; newer = newer->newer) {
        if (newer == &store) {
            return true;
        }
    }
    return false;
}

bool GraphSearch::may_read_beside_twin(const GraphEvent& read, const Store& store) {
    const Stamp stamp = stamp_of(store);
    return may_read_beside_twin(read, store, stamp == 0 ? nullptr : &at(stamp).porf);
}

/// Has the twin made this store where a thread makes another one?
bool GraphSearch::is_of_twin(const GraphEvent& write, const Store& store) {
    return symmetry_ == Symmetry::full && write.twin != 0 &&
           at(write.twin).kind == GraphKind::write && at(write.twin).store == &store;
}

}  // namespace weave
