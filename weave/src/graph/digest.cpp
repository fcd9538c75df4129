// The digest of a search: of each execution what its threads have written, and its graph.
#include "graph/digest.h"

#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"
#include "model/locals.h"
#include "model/thread_state.h"
#include "run/execution.h"

namespace weave {

void WriteLog::writes(unsigned name, unsigned next, uintptr_t address, size_t size) {
    if (is_in_frames(address) || is_on_stack(execution_->current(), address)) {
        return;
    }
    if (name != name_ || next != next_) {
        settle();
        name_ = name;
        next_ = next;
    }
    while (size != 0) {
        const size_t begin = address % sizeof(uint64_t);
        const size_t part = std::min(size, sizeof(uint64_t) - begin);
        const uint64_t mask = ~uint64_t{0} >> (64 - 8 * part) << (8 * begin);
        written_.push({address - begin, mask});
        address += part;
        size -= part;
    }
}

void WriteLog::settle() {
    Part* const begin = written_.begin();
    Part* const end = written_.end();
    std::sort(begin, end, [](const Part& a, const Part& b) { return a.word < b.word; });
    for (Part* part = begin; part != end;) {
        const uintptr_t address = part->word;
        uint64_t mask = 0;
        for (; part != end && part->word == address; ++part) {
            mask |= part->mask;
        }
        uint64_t bytes = 0;
        std::memcpy(&bytes, reinterpret_cast<const void*>(address), sizeof bytes);
        total_.add(
            Member().add(name_).add(next_).add(address).add(mask).add(bytes & mask).digest());
    }
    written_.clear();
}

// ----- the graph ---------------------------------------------------------------------------------

void GraphSearch::note_write(uintptr_t address, size_t size) {
    const unsigned name = current_name();
    writes_.writes(name, times_[name].of[name] + 1u, address, size);
}

/// An event as it is known in every execution: by its thread and its place there.
uint64_t GraphSearch::identity_of(Stamp stamp) {
    return stamp == 0 ? 0 : uint64_t{at(stamp).thread} << 32 | at(stamp).index;
}

Digest GraphSearch::digest() {
    WEAVE_CHECK(is_digesting_ && !is_planned(), next_, planned_);
    Digest graph = writes_.total();
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        const GraphEvent& event = at(stamp);
        Member member;
        member.add(identity_of(stamp))
            .add(static_cast<uint64_t>(event.kind))
            .add(identity_of(event.reads));
        if (event.kind == GraphKind::read || event.kind == GraphKind::write) {
            member.add(event.address).add(identity_of(event.older));
            member.add(event.store->value.low).add(event.store->value.high);
        } else {
            member.add(event.value);
        }
        graph.add(member.digest());
    }
    return Member().add(graph.low).add(graph.high).digest();
}

}  // namespace weave
