// The sentences for each kind of fact.
#include "report/why.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "model/order_names.h"
#include "report/report.h"
#include "report/timeline.h"

namespace weave {

namespace {

std::string name_of_object(const Event& event) {
    return (is_of_lock(event.kind) ? "m" : "a") + std::to_string(event.object);
}

/// "load", and what else an event is to its object.
const char* noun_of(Event::Kind kind) {
    switch (kind) {
        case Event::Kind::load:
            return "load";
        case Event::Kind::store:
            return "store";
        case Event::Kind::rmw:
            return "read-modify-write";
        case Event::Kind::exchange_failed:
            return "failed compare-exchange";
        case Event::Kind::lock:
            return "lock";
        case Event::Kind::try_lock_failed:
            return "failed try_lock()";
        case Event::Kind::unlock:
            return "unlock";
        case Event::Kind::wait:
            return "wait for";
        case Event::Kind::woken:
            return "end of the wait for";
        case Event::Kind::notify:
            return "notify";
        case Event::Kind::take:
            return "take";
        case Event::Kind::post:
            return "post";
        case Event::Kind::arrive:
            return "arrival at";
        case Event::Kind::call_once:
            return "call_once()";
        case Event::Kind::once_done:
            return "end of call_once()";
        case Event::Kind::fence:
        case Event::Kind::end:
        case Event::Kind::join:
        case Event::Kind::send_signal:
        case Event::Kind::run_handler:
        case Event::Kind::wake:
        case Event::Kind::plain_read:
        case Event::Kind::plain_write:
        case Event::Kind::create:
        case Event::Kind::allocate:
        case Event::Kind::free:
        case Event::Kind::yield:
        case Event::Kind::look_at_clock:
        case Event::Kind::limit:
        case Event::Kind::mark:
            return "operation";
    }
    return "operation";
}

class Words {
  public:
    Words(const Execution& execution, const Explanation& why, const History& history,
          const Names& names)
        : execution_(execution), why_(why), history_(history), names_(names) {}

    /// "thread 1: store of a2 at mailbox.h:88"
    std::string event(size_t index) const {
        const Event& event = history_.events()[index];
        if (event.kind == Event::Kind::mark) {
            return "thread " + std::to_string(event.thread) + ": " + event_text(event, names_);
        }
        const bool has_of = event.kind != Event::Kind::wait && event.kind != Event::Kind::woken &&
                            event.kind != Event::Kind::arrive;
        return "thread " + std::to_string(event.thread) + ": " + noun_of(event.kind) +
               (has_of ? " of " : " ") + name_of_object(event) + at(event);
    }

    std::string fact(const Fact& fact) const {
        switch (fact.kind) {
            case Fact::Kind::before:
                return event(history_.event_of(fact.first)) + " comes before " + later(fact.second);
            case Fact::Kind::happens:
                return event(history_.event_of(fact.second));
            case Fact::Kind::reads:
                break;
        }
        const size_t reader = history_.reader_of(fact);
        const size_t store = history_.read_by(reader);
        const Event& load = history_.events()[reader];
        std::string text = event(reader) + number(fact.second) + " reads ";
        if (store == History::none) {
            text += "the initial value";
        } else {
            const Event& stored = history_.events()[store];
            text += std::string("the ") + noun_of(stored.kind) + " of thread " +
                    std::to_string(stored.thread) + at(stored);
        }
        return text + (load.is_stale ? ", not the newest" : "");
    }

    /// How sure it is that every execution with the facts fails.
    std::string certainty() const {
        const std::string failed = with_commas(why_.failed);
        if (!why_.is_sure) {
            return "whether these facts are enough is not known: the search has ended too early";
        }
        const std::string subject = why_.parts.empty() ? "the order of operations does not matter: "
                                    : why_.parts.size() == 1 ? "with this fact "
                                                             : "with these facts ";
        if (why_.is_complete && why_.failed == 1) {
            return subject + "the only execution fails";
        }
        return subject + (why_.is_complete ? "all " + failed + " executions fail"
                                           : failed + " of " + failed + " sampled executions fail");
    }

    /// The order between the accesses of a race, or that a stale load lacks.
    std::vector<std::string> missing() const {
        std::vector<std::string> lines;
        const Facts& facts = execution_.facts();
        if (facts.access_count == 2 && facts.verdict == Verdict::data_race) {
            const Passage passage = passage_of(history_, facts);
            for (const Passage::Step& step : passage.steps) {
                add_missing(step, lines);
            }
            if (passage.steps.empty()) {
                lines.push_back("nothing passes from thread " +
                                std::to_string(facts.accesses[0].thread) + " to thread " +
                                std::to_string(facts.accesses[1].thread) +
                                " between the two accesses");
            }
        }
        for (const Explanation::Part& part : why_.parts) {
            if (part.fact.kind == Fact::Kind::reads) {
                add_newer(history_.reader_of(part.fact), lines);
            }
        }
        return lines;
    }

    static std::string with_commas(uint64_t number) {
        std::string text = std::to_string(number);
        for (size_t at = text.size(); at > 3; at -= 3) {
            text.insert(at - 3, ",");
        }
        return text;
    }

    std::string at(const Event& event) const {
        const Place* const place = place_of(event, names_.places);
        return place == nullptr ? "" : " at " + short_text_of(*place);
    }

  private:
    /// An operation that may not have happened yet, on an object with events.
    std::string later(const Point& point) const {
        if (const size_t index = history_.event_of(point); index != History::none) {
            return event(index);
        }
        const auto used =
            std::find_if(history_.events().begin(), history_.events().end(),
                         [&](const Event& event) { return event.address == point.object; });
        return std::string("the next ") + (point.kind == Point::Kind::take ? "lock" : "store") +
               " of thread " + std::to_string(point.thread) + " of " + name_of_object(*used);
    }

    static std::string number(const Point& point) {
        return point.number < 2 ? "" : " (its number " + std::to_string(point.number) + ")";
    }

    void add_missing(const Passage::Step& step, std::vector<std::string>& lines) const {
        const Event& load = history_.events()[step.load];
        if (!step.is_released) {
            lines.push_back(event(step.store) + " is " +
                            name_of_order(history_.events()[step.store].order) +
                            ": it does not release what the thread did before; thread " +
                            std::to_string(load.thread) + " reads it" + at(load));
        }
        if (!step.is_acquired) {
            lines.push_back(event(step.load) + " is " + name_of_order(load.order) +
                            ": it does not acquire what thread " +
                            std::to_string(history_.events()[step.store].thread) +
                            " did before its store" + at(history_.events()[step.store]));
        }
    }

    /// The newest store that a stale load could have read.
    void add_newer(size_t reader, std::vector<std::string>& lines) const {
        const Event& load = history_.events()[reader];
        if (!load.is_stale) {
            return;
        }
        for (size_t i = reader; i-- > 0;) {
            const Event& store = history_.events()[i];
            if (store.address == load.address && i != history_.read_by(reader) &&
                (store.kind == Event::Kind::store || store.kind == Event::Kind::rmw)) {
                lines.push_back(event(i) + " does not happen before the load of thread " +
                                std::to_string(load.thread) + at(load));
                return;
            }
        }
    }

    const Execution& execution_;
    const Explanation& why_;
    const History& history_;
    const Names& names_;
};

std::vector<size_t> sorted(const std::set<size_t>& events) {
    return {events.begin(), events.end()};
}

void add_if_any(std::set<size_t>& events, size_t event) {
    if (event != History::none) {
        events.insert(event);
    }
}

std::set<size_t> weak_of(const Passage::Step& step) {
    std::set<size_t> events;
    if (!step.is_released) {
        events.insert(step.store);
    }
    if (!step.is_acquired) {
        events.insert(step.load);
    }
    return events;
}

std::set<size_t> events_of(const Fact& fact, const History& history) {
    std::set<size_t> events;
    if (fact.kind == Fact::Kind::reads) {
        const size_t reader = history.reader_of(fact);
        add_if_any(events, reader);
        if (reader != History::none) {
            add_if_any(events, history.read_by(reader));
        }
    } else {
        add_if_any(events, history.event_of(fact.second));
        if (fact.kind == Fact::Kind::before) {
            add_if_any(events, history.event_of(fact.first));
        }
    }
    return events;
}

/// The threads whose last events a report shows: those of the cause and of the accesses, or all
/// where it is not known.
std::set<unsigned> concerned_of(const Execution& execution, const std::set<size_t>& cause,
                                const std::vector<Event>& events) {
    const Facts& facts = execution.facts();
    std::set<unsigned> concerned;
    for (const size_t event : cause) {
        concerned.insert(events[event].thread);
    }
    for (unsigned i = 0; i < facts.access_count; ++i) {
        concerned.insert(facts.accesses[i].thread);
    }
    const bool are_all = concerned.empty() || facts.verdict == Verdict::judged ||
                         facts.verdict == Verdict::deadlock || facts.verdict == Verdict::livelock;
    for (unsigned thread = 0; are_all && thread < execution.threads.count(); ++thread) {
        concerned.insert(thread);
    }
    if (facts.access_count == 0) {
        concerned.insert(facts.thread);
    }
    return concerned;
}

/// The events of the parts that a judgement is about; of a long part its first and last ones.
std::set<size_t> events_of_parts(const History& history, const Facts& facts) {
    constexpr size_t shown_of_each = 4;
    const std::vector<Event>& events = history.events();
    std::set<size_t> shown;
    for (const Stretch& stretch : stretches_of(history, facts)) {
        std::vector<size_t> of_part;
        for (size_t at = stretch.first; at <= stretch.last; ++at) {
            const Event::Kind kind = events[at].kind;
            if (stretch.has(events[at], at) &&
                (is_of_atomic(kind) || is_of_lock(kind) || kind == Event::Kind::mark)) {
                of_part.push_back(at);
            }
        }
        for (size_t at = 0; at < of_part.size(); ++at) {
            if (at < shown_of_each || at + shown_of_each >= of_part.size()) {
                shown.insert(of_part[at]);
            }
        }
    }
    return shown;
}

// ----- JSON -------------------------------------------------------------------------------------

std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            quoted += escaped;
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

/// A list, with what `element` makes of each.
template <class List, class Element>
std::string list_of(const List& list, Element element) {
    std::string text = "[";
    for (const auto& each : list) {
        text += (text.size() == 1 ? "" : ", ") + element(each);
    }
    return text + "]";
}

std::string event_json(size_t index, const History& history, const Names& names,
                       const Relevance& relevance) {
    const Event& event = history.events()[index];
    const Place* const place = place_of(event, names.places);
    const auto is_in = [&](const std::vector<size_t>& events) {
        return std::binary_search(events.begin(), events.end(), index) ? "true" : "false";
    };
    const size_t from = history.read_by(index);
    std::ostringstream out;
    out << "{\"step\": " << event.step << ", \"thread\": " << event.thread
        << ", \"text\": " << quoted(event_text(event, names))
        << ", \"place\": " << quoted(place == nullptr ? "" : short_text_of(*place))
        << ", \"path\": " << quoted(place == nullptr ? "" : text_of(*place))
        << ", \"function\": " << quoted(place == nullptr ? "" : place->function)
        << ", \"from\": " << (from == History::none ? "null" : std::to_string(from))
        << ", \"is_cause\": " << is_in(relevance.cause)
        << ", \"is_weak\": " << is_in(relevance.weak)
        << ", \"is_shown\": " << is_in(relevance.shown) << "}";
    return out.str();
}

}  // namespace

Relevance relevance_of(const Execution& execution, const Explanation& why, const History& history) {
    std::set<size_t> cause;
    std::set<size_t> weak;
    for (const Explanation::Part& part : why.parts) {
        cause.merge(events_of(part.fact, history));
    }
    const Facts& facts = execution.facts();
    if (facts.access_count == 2 && facts.verdict == Verdict::data_race) {
        const Passage passage = passage_of(history, facts);
        for (const Passage::Step& step : passage.steps) {
            cause.insert({step.store, step.load});
            weak.merge(weak_of(step));
        }
    }
    std::set<size_t> shown = cause;
    const std::vector<Event>& events = history.events();
    for (size_t i = 0; i < events.size(); ++i) {
        // What a stale load has not read.
        if (cause.count(i) != 0 && events[i].is_stale) {
            for (size_t newer = i; newer-- > 0;) {
                if (events[newer].address == events[i].address && newer != history.read_by(i) &&
                    (events[newer].kind == Event::Kind::store ||
                     events[newer].kind == Event::Kind::rmw)) {
                    shown.insert(newer);
                    break;
                }
            }
        }
    }
    if (facts.verdict == Verdict::judged && facts.part_count != 0) {
        shown.merge(events_of_parts(history, facts));
        return {sorted(cause), sorted(weak), sorted(shown)};
    }
    // The last events of a thread lead to the finding; its accesses say more.
    const unsigned last_of_each = facts.access_count == 0 ? 3 : 2;
    const std::set<unsigned> concerned = concerned_of(execution, cause, events);
    for (unsigned thread = 0; thread < execution.threads.count(); ++thread) {
        unsigned left = concerned.count(thread) == 0 ? 0 : last_of_each;
        for (size_t i = events.size(); i-- > 0 && left != 0;) {
            if (events[i].thread == thread &&
                (is_of_atomic(events[i].kind) || is_of_lock(events[i].kind))) {
                shown.insert(i);
                --left;
            }
        }
    }
    return {sorted(cause), sorted(weak), sorted(shown)};
}

std::string why_text(const Execution& execution, const Explanation& why, const History& history,
                     const Names& names) {
    const Words words(execution, why, history, names);
    std::ostringstream out;
    out << "why:\n";
    unsigned number = 0;
    for (const Explanation::Part& part : why.parts) {
        out << "  fact " << ++number << ": " << words.fact(part.fact) << '\n'
            << "    without it " << Words::with_commas(part.passed) << " of "
            << Words::with_commas(part.executions) << " sampled executions pass\n";
    }
    out << "  " << words.certainty() << '\n';
    for (const std::string& line : words.missing()) {
        out << "  missing: " << line << '\n';
    }
    out << "  " << why.switches << " of " << why.switches_before
        << " switches and stale reads are left; " << Words::with_commas(why.executions)
        << " executions were run to explain it\n";
    return out.str();
}

std::string why_json(const Execution& execution, const Explanation& why, const History& history,
                     const Names& names) {
    const Words words(execution, why, history, names);
    const Relevance relevance = relevance_of(execution, why, history);
    const Facts& facts = execution.facts();
    const auto number = [](size_t index) { return std::to_string(index); };
    std::ostringstream out;
    out << "{\"verdict\": " << quoted(word_of(facts)) << ", \"what\": " << quoted(facts.what)
        << ", \"is_judged\": " << (facts.verdict == Verdict::judged ? "true" : "false")
        << ", \"threads\": " << execution.threads.count() << ",\n\"facts\": "
        << list_of(why.parts,
                   [&](const Explanation::Part& part) {
                       return "{\"text\": " + quoted(words.fact(part.fact)) +
                              ", \"events\": " + list_of(events_of(part.fact, history), number) +
                              ", \"executions\": " + std::to_string(part.executions) +
                              ", \"passed\": " + std::to_string(part.passed) + "}";
                   })
        << ",\n\"choices\": "
        << list_of(execution.choices(), [](uint8_t choice) { return std::to_string(choice); })
        << ",\n\"is_sure\": " << (why.is_sure ? "true" : "false")
        << ", \"sure\": " << quoted(words.certainty())
        << ",\n\"missing\": " << list_of(words.missing(), quoted) << ",\n\"accesses\": "
        << list_of(std::vector<AccessFact>(facts.accesses, facts.accesses + facts.access_count),
                   [&](const AccessFact& access) {
                       return "{\"thread\": " + std::to_string(access.thread) +
                              ", \"step\": " + std::to_string(access.step) +
                              ", \"text\": " + quoted(name_of_access(access)) +
                              ", \"place\": " + quoted(place_text(names.places, access.pc)) + "}";
                   });
    std::vector<size_t> indices(history.events().size());
    for (size_t i = 0; i < indices.size(); ++i) {
        indices[i] = i;
    }
    out << ",\n\"events\": " << list_of(indices, [&](size_t index) {
        return "\n" + event_json(index, history, names, relevance);
    }) << "}\n";
    return out.str();
}

}  // namespace weave
