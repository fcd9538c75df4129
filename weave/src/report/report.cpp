// What a report says of each kind of finding.
#include "report/report.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <vector>

#include "model/sync.h"
#include "report/places.h"
#include "report/timeline.h"
#include "report/why.h"
#include "run/image.h"
#include "run/operations.h"
#include "run/stacks.h"

namespace weave {

namespace {

/// The block that the finding is about, or null.
const Block* block_of(Execution& execution, const Facts& facts) {
    return execution.heap.is_used(facts.address) ? execution.heap.around(facts.address) : nullptr;
}

void write_access(std::ostream& out, const AccessFact& access, const Places& places) {
    out << "  thread " << unsigned{access.thread} << ": " << name_of_access(access) << " at step "
        << access.step << ", " << place_text(places, access.pc) << '\n';
}

bool is_global(uintptr_t address) {
    return std::any_of(writable_image().begin(), writable_image().end(), [&](const Region& region) {
        return region.begin <= address && address < region.end;
    });
}

constexpr const char* foreign_memory = "memory from before the execution, or not the program's";

/// Where an address is that is not a global object's.
std::string memory_text(Execution& execution, uintptr_t address, const Places& places) {
    std::ostringstream out;
    const Block* const block =
        execution.heap.is_used(address) ? execution.heap.around(address) : nullptr;
    if (block != nullptr) {
        out << "offset " << address - block->base << " of heap block b" << block->number << " ("
            << block->size << " bytes), allocated by thread " << unsigned{block->allocated_by}
            << " at " << place_text(places, block->allocated_pc);
        return out.str();
    }
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const auto stack = reinterpret_cast<uintptr_t>(execution.threads[i].stack);
        if (stack <= address && address < stack + stack_bytes) {
            return "on the stack of thread " + std::to_string(i);
        }
    }
    return foreign_memory;
}

void write_object(std::ostream& out, Execution& execution, const Facts& facts,
                  const Places& places) {
    if (facts.address != 0) {
        out << "  object: "
            << (is_global(facts.address)
                    ? "global or static " + symbol_at(facts.address - image_base())
                    : memory_text(execution, facts.address, places))
            << '\n';
    }
}

const char* name_of_kind(SyncKind kind) {
    switch (kind) {
        case SyncKind::mutex:
            return "mutex";
        case SyncKind::shared_mutex:
            return "shared mutex";
        case SyncKind::condition:
            return "condition variable";
        case SyncKind::once:
            return "initialisation";
        case SyncKind::semaphore:
            return "semaphore";
        case SyncKind::barrier:
            return "barrier";
        case SyncKind::futex:
            return "atomic wait";
        case SyncKind::count:
            break;
    }
    return "object";
}

/// A name of the timeline, and what it stands for.
struct Named {
    std::string name;
    uintptr_t address;
};

/// The objects that the timeline shows, in the order of their names.
std::vector<Named> named_objects(const Execution& execution, const std::vector<size_t>& shown) {
    std::set<uint32_t> atomics;
    std::set<uint32_t> others;
    const auto& events = execution.timeline.events();
    for (const size_t i : shown) {
        if (is_of_atomic(events[i].kind)) {
            atomics.insert(events[i].object);
        } else if (is_of_lock(events[i].kind)) {
            others.insert(events[i].object);
        }
    }
    std::vector<Named> named;
    for (auto* object = execution.objects().newest(); object != nullptr;
         object = object->made_before) {
        if (others.count(object->number) != 0) {
            named.push_back(
                {"m" + std::to_string(object->number) + ": " + name_of_kind(object->kind) + " ",
                 object->address});
        }
    }
    for (auto* location = execution.locations.newest(); location != nullptr;
         location = location->made_before) {
        if (atomics.count(location->number) != 0) {
            named.push_back({"a" + std::to_string(location->number) + ": ", location->address});
        }
    }
    std::reverse(named.begin(), named.end());
    return named;
}

/// All program counters that the report shows, each once.
std::vector<uint32_t> pcs_of(Execution& execution, const std::vector<size_t>& shown) {
    const Facts& facts = execution.facts();
    std::vector<uint32_t> pcs{facts.pc};
    pcs.insert(pcs.end(), facts.stack.pcs, facts.stack.pcs + facts.stack.count);
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        const Thread& thread = execution.threads[i];
        pcs.push_back(thread.waits_pc);
        if (thread.waits_stack != nullptr) {
            pcs.insert(pcs.end(), thread.waits_stack->pcs,
                       thread.waits_stack->pcs + thread.waits_stack->count);
        }
        if (thread.waits_for != nullptr) {
            pcs.push_back(thread.waits_for->taken_pc);
        }
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        pcs.push_back(facts.accesses[i].pc);
    }
    const auto& events = execution.timeline.events();
    for (const size_t i : shown) {
        pcs.push_back(events[i].pc);
        pcs.insert(pcs.end(), std::begin(events[i].callers), std::end(events[i].callers));
    }
    if (const Block* const block = block_of(execution, facts); block != nullptr) {
        pcs.push_back(block->allocated_pc);
    }
    for (const Named& object : named_objects(execution, shown)) {
        if (execution.heap.is_used(object.address)) {
            if (const Block* const block = execution.heap.around(object.address)) {
                pcs.push_back(block->allocated_pc);
            }
        }
    }
    std::sort(pcs.begin(), pcs.end());
    pcs.erase(std::unique(pcs.begin(), pcs.end()), pcs.end());
    return pcs;
}

/// What the names of the timeline stand for.
void write_legend(std::ostream& out, Execution& execution, const std::vector<size_t>& shown,
                  const Places& places) {
    const std::vector<Named> named = named_objects(execution, shown);
    std::vector<uintptr_t> globals;
    for (const Named& object : named) {
        if (is_global(object.address)) {
            globals.push_back(object.address - image_base());
        }
    }
    const std::vector<std::string> symbols = symbols_at(globals);
    size_t next = 0;
    std::set<uint32_t> told;
    std::map<uint32_t, std::string> others;  // by block
    std::string foreign;
    out << (named.empty() ? "" : "objects:\n");
    for (const Named& object : named) {
        const Block* const block = execution.heap.is_used(object.address)
                                       ? execution.heap.around(object.address)
                                       : nullptr;
        if (block != nullptr && !told.insert(block->number).second) {
            std::string& text = others[block->number];
            text += (text.empty() ? "" : ", ") + object.name + "offset " +
                    std::to_string(object.address - block->base);
            continue;
        }
        const std::string text = is_global(object.address)
                                     ? symbols[next++]
                                     : memory_text(execution, object.address, places);
        if (text == foreign_memory) {
            foreign += (foreign.empty() ? "" : ", ") + object.name.substr(0, object.name.find(':'));
            continue;
        }
        out << "  " << object.name << text << '\n';
    }
    if (!foreign.empty()) {
        out << "  " << foreign << ": " << foreign_memory << '\n';
    }
    for (const auto& [block, text] : others) {
        out << "  in b" << block << ": " << text << '\n';
    }
}

/// The calls on a stack, except those of the system and of weave, innermost first.
std::vector<Place> own_calls(const Calls& calls, const Frames& frames) {
    constexpr size_t calls_shown_max = 10;
    std::vector<Place> own;
    for (unsigned i = 0; i < calls.count; ++i) {
        const auto found = frames.find(calls.pcs[i]);
        if (found == frames.end()) {
            continue;
        }
        for (const Place& call : found->second) {
            if (call.line != 0 && !is_of_the_system(call.file) && !is_of_weave(call.file) &&
                own.size() < calls_shown_max) {
                own.push_back(call);
            }
        }
    }
    return own;
}

void write_calls(std::ostream& out, const std::vector<Place>& calls, const char* title) {
    for (const Place& call : calls) {
        out << (&call == &calls.front() ? title : "") << "    " << text_of(call) << " in "
            << call.function << '\n';
    }
}

/// What each thread waits for, and which thread holds it.
void write_waiters(std::ostream& out, const Execution& execution, const Frames& frames,
                   const Places& places) {
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
        const std::vector<Place> calls = thread.waits_stack == nullptr
                                             ? std::vector<Place>{}
                                             : own_calls(*thread.waits_stack, frames);
        if (!calls.empty()) {
            out << " at " << text_of(calls.front()) << " in " << calls.front().function;
        } else if (thread.waits_pc != 0) {
            out << " at " << place_text(places, thread.waits_pc);
        }
        if (object != nullptr && object->owner != SyncObject::no_owner) {
            out << "; thread " << unsigned{object->owner} << " holds it since "
                << place_text(places, object->taken_pc);
        }
        out << '\n';
        write_calls(out, calls, "");
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
        case Verdict::judged:
            return "";
    }
    return "";
}

}  // namespace

std::string name_of_access(const AccessFact& access) {
    return access.is_free         ? "free"
           : access.is_allocation ? "allocation"
                                  : std::string(access.is_atomic ? "atomic " : "plain ") +
                                        (access.is_write ? "write" : "read");
}

namespace {

/// The finding, and where.
void write_finding(std::ostream& out, Execution& execution, const Frames& frames,
                   const Places& places) {
    const Facts& facts = execution.facts();
    out << "weave: FINDING " << word_of(facts) << ": " << facts.what << '\n';
    if (facts.verdict == Verdict::deadlock || facts.verdict == Verdict::livelock) {
        write_waiters(out, execution, frames, places);
    } else if (facts.access_count == 0 && facts.verdict != Verdict::judged) {
        out << "  thread " << unsigned{facts.thread} << " at step " << facts.step
            << (facts.pc == 0 ? "" : ", " + place_text(places, facts.pc)) << '\n';
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        write_access(out, facts.accesses[i], places);
    }
    if (facts.verdict != Verdict::deadlock && facts.verdict != Verdict::livelock) {
        write_calls(out, own_calls(facts.stack, frames), "  stack:\n");
    }
    write_object(out, execution, facts, places);
}

/// The words of the test for its marks.
std::map<uint64_t, std::string> marks_of(const Execution& execution,
                                         const std::function<std::string(uint64_t)>& mark_text) {
    std::map<uint64_t, std::string> marks;
    for (const Event& event : execution.timeline.events()) {
        if (event.kind == Event::Kind::mark && mark_text) {
            marks.try_emplace(event.value, mark_text(event.value));
        }
    }
    return marks;
}

std::vector<size_t> all_events(const Execution& execution) {
    std::vector<size_t> all(execution.timeline.events().size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
}

}  // namespace

Report report_of(Execution& execution, const Explanation* why, bool shows_all,
                 const std::function<std::string(uint64_t)>& mark_text) {
    const auto& events = execution.timeline.events();
    const std::vector<size_t> known =
        why == nullptr ? last_events(execution) : all_events(execution);
    const Frames frames = find_frames(pcs_of(execution, known));
    const Places places = places_of(frames);
    const Names names{places, marks_of(execution, mark_text)};
    std::ostringstream out;
    write_finding(out, execution, frames, places);
    if (why == nullptr) {
        out << advice_for(execution.facts().verdict);
        write_legend(out, execution, known, places);
        write_timeline(out, execution,
                       {known, {}, known.size() == events.size() ? "" : " (its end)"}, names);
        return {out.str(), "", ""};
    }
    const History history({events.begin(), events.size()});
    const Relevance relevance = relevance_of(execution, *why, history);
    const bool is_all = shows_all || relevance.shown.size() == events.size();
    const Rows rows{shows_all ? known : relevance.shown, relevance.cause,
                    is_all                    ? ""
                    : relevance.cause.empty() ? " (what matters)"
                                              : " (what matters; > has a part in why)"};
    out << why_text(execution, *why, history, names);
    write_legend(out, execution, rows.shown, places);
    write_timeline(out, execution, rows, names);
    const auto remark = [&](const Event& event) {
        const Place* const place = place_of(event, places);
        return place == nullptr ? std::string() : short_text_of(*place);
    };
    return {out.str(), why_json(execution, *why, history, names),
            operations_text(word_of(execution.facts()), history, remark)};
}

}  // namespace weave
