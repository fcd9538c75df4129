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

std::string event_text(const Event& event, const Names& names) {
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
        case Event::Kind::look_at_clock:
            return "clock: " + value_text(event.value) + " ns";
        case Event::Kind::limit:
            return "limit reached";
        case Event::Kind::mark: {
            const auto found = names.marks.find(event.value);
            return found == names.marks.end() ? "mark " + std::to_string(event.value)
                                              : found->second;
        }
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
    // A report is for one screen. Of a long execution the end matters most; one that has reached a
    // limit ends somewhere in a loop, of which few rows tell as much as many.
    const size_t rows_max = execution.facts().verdict == Verdict::limit ? 24 : 40;
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

/// The end of a place, which says most, if all of it is too long for a table.
std::string short_enough(const std::string& place) {
    constexpr size_t length_max = 32;
    // The arguments of a function say least.
    const std::string name = place.substr(0, place.find('('));
    return name.size() <= length_max ? name : "..." + name.substr(name.size() + 3 - length_max);
}

/// Where the table's columns are: a narrow one for each thread. An event is alone in its row, so
/// its text may cover the columns to its right, of which the last one has room for any text.
class Columns {
  public:
    Columns(const std::vector<unsigned>& threads, size_t text_width, size_t place_width)
        : threads_(threads) {
        constexpr size_t line_max = 120;
        constexpr size_t wide = 44;
        constexpr size_t narrow = 4;
        const size_t count = threads.size();
        const size_t fixed = step_width + gap + gap + place_width;
        const size_t room = line_max > fixed ? line_max - fixed : 0;
        // All of them wide, if there is room.
        last_ = std::min(wide, room / count - std::min(room / count, gap));
        each_ = last_;
        if (last_ < text_width) {
            last_ = text_width;
            each_ = count == 1 || room < last_ ? narrow
                                               : std::max(narrow, (room - last_) / (count - 1));
            each_ = std::max(narrow, each_ - gap);
        }
    }

    std::string title() const {
        std::string line = "  step ";
        const bool is_short = each_ < sizeof "thread 99" - 1;
        for (const unsigned thread : threads_) {
            line += cell((is_short ? "t" : "thread ") + std::to_string(thread), width_of(thread));
        }
        return line + '|';
    }

    std::string row(const std::string& step, unsigned thread, const std::string& text,
                    const std::string& place) const {
        std::string line = step;
        for (const unsigned other : threads_) {
            const size_t at = step_width + column_of(other);
            if (line.size() > at) {
                continue;  // covered
            }
            line.resize(at, ' ');
            line += cell(other == thread ? text : "", width_of(other));
        }
        line.resize(std::max(line.size(), step_width + column_of(threads_.back()) + gap + last_),
                    ' ');
        return line + "| " + place;
    }

  private:
    static constexpr size_t step_width = 7;
    static constexpr size_t gap = 2;

    static std::string cell(std::string text, size_t width) {
        text.resize(std::max(width, text.size()), ' ');
        return "| " + text;
    }
    size_t width_of(unsigned thread) const { return thread == threads_.back() ? last_ : each_; }
    size_t column_of(unsigned thread) const {
        const auto found = std::find(threads_.begin(), threads_.end(), thread);
        return static_cast<size_t>(found - threads_.begin()) * (each_ + gap);
    }

    const std::vector<unsigned>& threads_;
    size_t each_;  ///< width of all columns but the last
    size_t last_;
};

}  // namespace

void write_timeline(std::ostream& out, const Execution& execution, const Rows& chosen,
                    const Names& names) {
    const std::vector<Row> rows = rows_of(execution, chosen);
    const std::vector<unsigned> threads = columns_of(execution.threads.count(), rows);
    const auto place_of_row = [&](const Row& row) {
        const Place* const place = place_of(row.event, names.places);
        return place == nullptr ? std::string() : short_enough(short_text_of(*place));
    };
    size_t text_width = 0;
    size_t place_width = 0;
    for (const Row& row : rows) {
        text_width = std::max(text_width, event_text(row.event, names).size());
        place_width = std::max(place_width, place_of_row(row).size());
    }
    const Columns columns(threads, text_width, place_width);
    out << "timeline" << chosen.part << ":\n" << columns.title() << '\n';
    for (const Row& row : rows) {
        char step[16];
        std::snprintf(step, sizeof step, "%c%5u ", row.is_marked ? '>' : ' ', row.event.step);
        out << columns.row(step, row.event.thread, event_text(row.event, names), place_of_row(row))
            << '\n';
    }
}

}  // namespace weave
