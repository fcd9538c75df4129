// What a report says of each kind of finding.
#include "report/report.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "model/sync.h"
#include "report/places.h"
#include "report/timeline.h"
#include "run/image.h"
#include "run/stacks.h"

namespace weave {

namespace {

/// The block that the finding is about, or null.
const Block* block_of(Execution& execution, const Facts& facts) {
    return execution.heap.is_used(facts.address) ? execution.heap.around(facts.address) : nullptr;
}

/// All program counters that the report shows, each once.
std::vector<uint32_t> pcs_of(Execution& execution) {
    const Facts& facts = execution.facts();
    std::vector<uint32_t> pcs{facts.pc};
    pcs.insert(pcs.end(), facts.frames, facts.frames + facts.frame_count);
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        pcs.push_back(thread.waits_pc);
        if (thread.waits_for != nullptr) {
            pcs.push_back(thread.waits_for->taken_pc);
        }
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        pcs.push_back(facts.accesses[i].pc);
    }
    const auto& events = execution.timeline.events();
    for (size_t i = first_row(execution); i < events.size(); ++i) {
        pcs.push_back(events[i].pc);
    }
    if (const Block* const block = block_of(execution, facts); block != nullptr) {
        pcs.push_back(block->allocated_pc);
    }
    std::sort(pcs.begin(), pcs.end());
    pcs.erase(std::unique(pcs.begin(), pcs.end()), pcs.end());
    return pcs;
}

void write_access(std::ostream& out, const AccessFact& access, const Places& places) {
    out << "  thread " << unsigned{access.thread} << ": "
        << (access.is_free         ? "free"
            : access.is_allocation ? "allocation"
                                   : std::string(access.is_atomic ? "atomic " : "plain ") +
                                         (access.is_write ? "write" : "read"))
        << " at step " << access.step << ", " << place_text(places, access.pc) << '\n';
}

void write_object(std::ostream& out, Execution& execution, const Facts& facts,
                  const Places& places) {
    if (facts.address == 0) {
        return;
    }
    out << "  object: ";
    const Block* const block = block_of(execution, facts);
    if (block != nullptr) {
        out << "offset " << facts.address - block->base << " of heap block b" << block->number
            << " (" << block->size << " bytes), allocated by thread "
            << unsigned{block->allocated_by} << " at " << place_text(places, block->allocated_pc)
            << '\n';
        return;
    }
    for (const Region& region : writable_image()) {
        if (region.begin <= facts.address && facts.address < region.end) {
            out << "global or static " << symbol_at(facts.address - image_base()) << '\n';
            return;
        }
    }
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const auto stack = reinterpret_cast<uintptr_t>(execution.threads[i].stack);
        if (stack <= facts.address && facts.address < stack + stack_bytes) {
            out << "on the stack of thread " << i << '\n';
            return;
        }
    }
    out << "memory that is not the program's\n";
}

/// What each thread waits for, and which thread holds it.
void write_waiters(std::ostream& out, const Execution& execution, const Places& places) {
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        if (thread.is_finished) {
            continue;
        }
        out << "  thread " << i;
        const SyncObject* const object = thread.waits_for;
        if (thread.waiting == Waiting::nothing) {
            out << " repeats itself";
        } else if (thread.waiting == Waiting::join) {
            out << " waits for thread " << unsigned{thread.joins};
        } else if (object != nullptr) {
            out << " waits for m" << object->number;
        }
        if (thread.waits_pc != 0) {
            out << " at " << place_text(places, thread.waits_pc);
        }
        if (object != nullptr && object->owner != SyncObject::no_owner) {
            out << "; thread " << unsigned{object->owner} << " holds it since "
                << place_text(places, object->taken_pc);
        }
        out << '\n';
    }
}

/// The calls on the stack of the finding, except those of the system and of weave.
void write_stack(std::ostream& out, const Facts& facts, const Places& places) {
    constexpr unsigned frames_shown_max = 10;
    unsigned shown = 0;
    for (unsigned i = 0; i < facts.frame_count && shown < frames_shown_max; ++i) {
        const auto place = places.find(facts.frames[i]);
        if (place == places.end() || place->second.line == 0 ||
            is_of_the_system(place->second.file) || is_of_weave(place->second.file)) {
            continue;
        }
        out << (shown++ == 0 ? "  stack:\n" : "") << "    " << text_of(place->second) << " in "
            << place->second.function << '\n';
    }
}

const char* advice_for(Verdict verdict) {
    switch (verdict) {
        case Verdict::data_race:
            return "  missing: a release by the first thread after its access, and an acquire of "
                   "it by the second before its own\n";
        case Verdict::ok:
        case Verdict::assertion:
        case Verdict::crash:
        case Verdict::deadlock:
        case Verdict::livelock:
        case Verdict::use_after_free:
        case Verdict::double_free:
        case Verdict::leak:
        case Verdict::out_of_bounds:
        case Verdict::uninitialized:
        case Verdict::limit:
        case Verdict::unsupported:
        case Verdict::exit_status:
        case Verdict::unrepeatable:
            return "";
    }
    return "";
}

}  // namespace

std::string report_text(Execution& execution) {
    const Facts& facts = execution.facts();
    const Places places = find_places(pcs_of(execution));
    std::ostringstream out;
    out << "weave: FINDING " << name_of(facts.verdict) << ": " << facts.what << '\n';
    if (facts.verdict == Verdict::deadlock || facts.verdict == Verdict::livelock) {
        write_waiters(out, execution, places);
    } else if (facts.access_count == 0) {
        out << "  thread " << unsigned{facts.thread} << " at step " << facts.step
            << (facts.pc == 0 ? "" : ", " + place_text(places, facts.pc)) << '\n';
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        write_access(out, facts.accesses[i], places);
    }
    write_stack(out, facts, places);
    write_object(out, execution, facts, places);
    out << advice_for(facts.verdict);
    write_timeline(out, execution, places);
    return out.str();
}

}  // namespace weave
