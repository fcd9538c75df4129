// The words for each event: aN is an atomic object, mN a lock, bN a block.
#include "report/timeline.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/order_names.h"

namespace weave {

namespace {

std::string value_text(uint64_t value) {
    std::ostringstream text;
    if (value > 0xffff'ffff) {
        text << "0x" << std::hex << value;
    } else {
        text << value;
    }
    return text.str();
}

std::string source_of(const Event& event) {
    const std::string text =
        event.read_step == 0 ? " (initial value" : " (of step " + std::to_string(event.read_step);
    return text + (event.is_stale ? ", stale)" : ")");
}

/// What the line of a wait says besides its object.
std::string how_it_begins(uint64_t begin) {
    switch (static_cast<WaitBegin>(begin)) {
        case WaitBegin::sleeps:
            return "";
        case WaitBegin::has_changed:
            return ", has changed";
        case WaitBegin::ends_for_no_reason:
            return ", ends for no reason";
        case WaitBegin::ends_by_limit:
            return ", ends by its limit";
    }
    return "";
}

}  // namespace

std::string event_text(const Event& event) {
    const std::string object = "a" + std::to_string(event.object);
    const std::string lock = "m" + std::to_string(event.object);
    switch (event.kind) {
        case Event::Kind::load:
            return object + " -> " + value_text(event.value) + source_of(event) + " " +
                   name_of_order(event.order);
        case Event::Kind::store:
            return object + " := " + value_text(event.value) + " " + name_of_order(event.order);
        case Event::Kind::rmw:
            return object + " " + value_text(event.old_value) +
                   (event.is_stale ? source_of(event) : "") + " -> " + value_text(event.value) +
                   " rmw " + name_of_order(event.order);
        case Event::Kind::exchange_failed:
            return object + " -> " + value_text(event.value) + source_of(event) +
                   " exchange failed " + name_of_order(event.order);
        case Event::Kind::fence:
            return std::string("fence ") + name_of_order(event.order);
        case Event::Kind::end:
            return "end";
        case Event::Kind::join:
            return "join thread " + std::to_string(event.object);
        case Event::Kind::lock:
            return "lock " + lock;
        case Event::Kind::try_lock_failed:
            return "lock " + lock + " failed";
        case Event::Kind::unlock:
            return "unlock " + lock;
        case Event::Kind::wait:
            return "wait " + lock + how_it_begins(event.value);
        case Event::Kind::woken:
            return "woken " + lock;
        case Event::Kind::notify:
            return event.object == 0 ? "notify" : "notify " + lock;
        case Event::Kind::take:
            return "take " + lock + ", now " + value_text(event.value);
        case Event::Kind::post:
            return "post " + lock + ", now " + value_text(event.value);
        case Event::Kind::arrive:
            return "arrive at " + lock + ", number " + value_text(event.value);
        case Event::Kind::call_once:
            return "call once " + lock;
        case Event::Kind::once_done:
            return "once " + lock + " done";
        case Event::Kind::send_signal:
            return "signal " + value_text(event.value) +
                   (event.object == Event::no_thread
                        ? " to the process"
                        : " to thread " + std::to_string(event.object));
        case Event::Kind::run_handler:
            return "handle signal " + value_text(event.value);
        case Event::Kind::wake:
            return "wake thread " + std::to_string(event.object);
        case Event::Kind::plain_read:
            return "plain read";
        case Event::Kind::plain_write:
            return "plain write";
        case Event::Kind::create:
            return "create thread " + std::to_string(event.object);
        case Event::Kind::allocate:
            return "allocate b" + std::to_string(event.object) + ", " + value_text(event.value) +
                   " bytes";
        case Event::Kind::free:
            return "free b" + std::to_string(event.object);
        case Event::Kind::yield:
            return "yield";
    }
    return "?";
}

namespace {

struct Row {
    Event event;
    bool is_marked;
};

/// The events to show, and among them the plain accesses of the finding.
std::vector<Row> rows_of(const Execution& execution, const Rows& chosen) {
    const auto& events = execution.timeline.events();
    std::vector<Row> rows;
    for (const size_t i : chosen.shown) {
        rows.push_back(
            {events[i], std::binary_search(chosen.marked.begin(), chosen.marked.end(), i)});
    }
    const Facts& facts = execution.facts();
    for (unsigned i = 0; i < facts.access_count; ++i) {
        const AccessFact& access = facts.accesses[i];
        if (access.is_atomic || access.is_free || access.is_allocation) {
            continue;
        }
        Event event{};
        event.kind = access.is_write ? Event::Kind::plain_write : Event::Kind::plain_read;
        event.thread = access.thread;
        event.step = access.step;
        event.pc = access.pc;
        // After all events of its step, which are before it or of another thread.
        rows.insert(std::find_if(rows.begin(), rows.end(),
                                 [&](const Row& row) { return row.event.step > access.step; }),
                    {event, !chosen.marked.empty()});
    }
    return rows;
}

}  // namespace

const Place* place_of(const Event& event, const Places& places) {
    const Place* innermost = nullptr;
    const auto note = [&](uint32_t pc) {
        const auto place = places.find(pc);
        if (pc == 0 || place == places.end()) {
            return false;
        }
        innermost = innermost == nullptr ? &place->second : innermost;
        return !is_of_the_system(place->second.file);
    };
    if (note(event.pc)) {
        return innermost;
    }
    for (const uint32_t pc : event.callers) {
        if (note(pc)) {
            return &places.at(pc);
        }
    }
    return innermost;
}

std::vector<size_t> last_events(const Execution& execution) {
    // A report is for one screen. Of a long execution the end matters most.
    constexpr size_t rows_max = 60;
    const size_t count = execution.timeline.events().size();
    std::vector<size_t> last;
    for (size_t i = count > rows_max ? count - rows_max : 0; i < count; ++i) {
        last.push_back(i);
    }
    return last;
}

namespace {

/// The threads that have a column: all if they are few, otherwise those of the rows.
std::vector<unsigned> columns_of(unsigned threads, const std::vector<Row>& rows) {
    constexpr unsigned all_max = 8;
    std::set<unsigned> shown{0};
    for (const Row& row : rows) {
        shown.insert(row.event.thread);
    }
    for (unsigned thread = 0; thread < threads && threads <= all_max; ++thread) {
        shown.insert(thread);
    }
    return {shown.begin(), shown.end()};
}

}  // namespace

void write_timeline(std::ostream& out, const Execution& execution, const Rows& chosen,
                    const Places& places) {
    const std::vector<Row> rows = rows_of(execution, chosen);
    const size_t all = execution.timeline.events().size();
    const std::vector<unsigned> threads = columns_of(execution.threads.count(), rows);
    const size_t width = std::clamp<size_t>(140 / threads.size(), 24, 44);
    const char* const part = chosen.shown.size() == all ? ""
                             : chosen.marked.empty()    ? " (its end)"
                                                        : " (what matters; > has a part in why)";
    out << "timeline" << part << ":\n  step ";
    for (const unsigned thread : threads) {
        std::string title = "thread " + std::to_string(thread);
        title.resize(width, ' ');
        out << "| " << title;
    }
    out << "|\n";
    for (const Row& row : rows) {
        char number[16];
        std::snprintf(number, sizeof number, "%c%5u ", row.is_marked ? '>' : ' ', row.event.step);
        out << number;
        for (const unsigned thread : threads) {
            std::string text = thread == row.event.thread ? event_text(row.event) : "";
            text.resize(std::max(width, text.size()), ' ');
            out << "| " << text;
        }
        const Place* const place = place_of(row.event, places);
        out << "| " << (place == nullptr ? "" : short_text_of(*place)) << '\n';
    }
}

}  // namespace weave
