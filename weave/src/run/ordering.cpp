// Operations are counted by thread, kind and object: the third load of a thread from an object is
// the same one in each execution in which it runs the same code up to there.
#include "run/ordering.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "run/facts.h"

namespace weave {

namespace {

/// The kinds of operations of an event; two if it is an RMW.
std::vector<Point::Kind> kinds_of(const Event& event) {
    switch (event.kind) {
        case Event::Kind::load:
            return {Point::Kind::read};
        case Event::Kind::store:
            return {Point::Kind::write};
        case Event::Kind::rmw:
            return {Point::Kind::read, Point::Kind::write};
        case Event::Kind::exchange_failed:
            return {Point::Kind::read, Point::Kind::give_up};
        case Event::Kind::lock:
        case Event::Kind::take:
        case Event::Kind::call_once:
            return {Point::Kind::take};
        case Event::Kind::try_lock_failed:
            return {Point::Kind::give_up};
        case Event::Kind::unlock:
        case Event::Kind::post:
        case Event::Kind::once_done:
            return {Point::Kind::give};
        case Event::Kind::wait:
            return {Point::Kind::wait};
        case Event::Kind::woken:
            return {Point::Kind::wake};
        case Event::Kind::notify:
        case Event::Kind::arrive:
            return {Point::Kind::announce};
        case Event::Kind::create:
            return {Point::Kind::start};
        case Event::Kind::mark:
            return {Point::Kind::mark};
        case Event::Kind::fence:
        case Event::Kind::end:
        case Event::Kind::join:
        case Event::Kind::send_signal:
        case Event::Kind::run_handler:
        case Event::Kind::wake:
        case Event::Kind::plain_read:
        case Event::Kind::plain_write:
        case Event::Kind::allocate:
        case Event::Kind::free:
        case Event::Kind::yield:
        case Event::Kind::look_at_clock:
        case Event::Kind::limit:
            return {};
    }
    return {};
}

bool reads(const Event& event) {
    return event.kind == Event::Kind::load || event.kind == Event::Kind::rmw ||
           event.kind == Event::Kind::exchange_failed;
}

bool writes(const Event& event) {
    return event.kind == Event::Kind::store || event.kind == Event::Kind::rmw;
}

/// Does the order of an event among those of other threads on its object matter?
bool is_ordered(const Event& event) {
    return writes(event) || is_of_lock(event.kind) || event.kind == Event::Kind::mark;
}

bool is_acquire(uint8_t order) {
    const auto of = static_cast<std::memory_order>(order);
    return of != std::memory_order_relaxed && of != std::memory_order_release;
}

bool is_release(uint8_t order) {
    const auto of = static_cast<std::memory_order>(order);
    return of == std::memory_order_release || of == std::memory_order_acq_rel ||
           of == std::memory_order_seq_cst;
}

}  // namespace

History::History(std::span<const Event> events)
    : events_(events.begin(), events.end()), points_(events.size()), from_(events.size(), none) {
    std::map<Point, uint32_t> counts;
    std::map<std::pair<uint16_t, uint32_t>, size_t> stores;  // by thread and step
    for (size_t i = 0; i < events_.size(); ++i) {
        const Event& event = events_[i];
        if (reads(event) && event.read_step != 0) {
            const auto store = stores.find({event.writer, event.read_step});
            if (store != stores.end() && events_[store->second].address == event.address) {
                from_[i] = store->second;
            }
        }
        for (const Point::Kind kind : kinds_of(event)) {
            Point point{event.thread, kind, 0, event.address};
            point.number = ++counts[point];
            points_[i].points[points_[i].count++] = point;
            events_by_point_[point] = i;
        }
        if (writes(event)) {
            stores[{event.thread, event.step}] = i;
            writers_[event.address].insert(event.thread);
        }
    }
}

size_t History::event_of(const Point& point) const {
    const auto found = events_by_point_.find(point);
    return found == events_by_point_.end() ? none : found->second;
}

size_t History::reader_of(const Fact& fact) const {
    const size_t store = fact.first.number == 0 ? none : event_of(fact.first);
    if (fact.first.number != 0 && store == none) {
        return none;
    }
    const auto has_read = [&](size_t event) {
        return from_[event] == store && (store != none || events_[event].read_step == 0);
    };
    if (fact.second.number != 0) {
        const size_t event = event_of(fact.second);
        return event != none && has_read(event) ? event : none;
    }
    for (size_t i = 0; i < events_.size(); ++i) {
        if (events_[i].thread == fact.second.thread && events_[i].address == fact.second.object &&
            reads(events_[i]) && has_read(i)) {
            return i;
        }
    }
    return none;
}

bool History::obeys(const Fact& fact) const {
    switch (fact.kind) {
        case Fact::Kind::reads:
            return reader_of(fact) != none;
        case Fact::Kind::before: {
            const size_t first = event_of(fact.first);
            return first != none && first < event_of(fact.second);
        }
        case Fact::Kind::happens:
            return event_of(fact.second) != none;
    }
    return false;
}

bool History::obeys(std::span<const Fact> facts) const {
    return std::all_of(facts.begin(), facts.end(), [&](const Fact& fact) { return obeys(fact); });
}

void History::add_reads(size_t event, std::vector<Fact>& facts) const {
    const Event& load = events_[event];
    const auto writers = writers_.find(load.address);
    if (writers == writers_.end() ||
        (writers->second.size() == 1 && *writers->second.begin() == load.thread)) {
        return;
    }
    Point store{0, Point::Kind::write, 0, load.address};
    if (from_[event] != none) {
        const Points& of_store = points_[from_[event]];
        store = of_store.points[of_store.count - 1];
    } else if (load.read_step != 0) {
        return;  // written by code that is not instrumented
    }
    Point read = points_[event].points[0];
    facts.push_back({Fact::Kind::reads, store, read});
    read.number = 0;
    facts.push_back({Fact::Kind::reads, store, read});
}

/// Neighbours in the order of an object's operations, if they are of two threads.
void History::add_orders(std::vector<Fact>& facts) const {
    std::map<uintptr_t, size_t> last;
    for (size_t i = 0; i < events_.size(); ++i) {
        if (!is_ordered(events_[i]) || events_[i].address == 0) {
            continue;
        }
        const auto [before, is_first] = last.try_emplace(events_[i].address, i);
        if (!is_first) {
            const size_t earlier = std::exchange(before->second, i);
            // An RMW comes after what it has read in any case.
            if (events_[earlier].thread != events_[i].thread && from_[i] != earlier) {
                const Points& first = points_[earlier];
                const Points& second = points_[i];
                facts.push_back({Fact::Kind::before, first.points[first.count - 1],
                                 second.points[second.count - 1]});
            }
        }
    }
}

uint32_t History::count_of(Point point) const {
    point.number = 1;
    while (event_of(point) != none) {
        ++point.number;
    }
    return point.number - 1;
}

std::vector<Fact> History::facts(std::span<const Point> about_to) const {
    std::vector<Fact> facts;
    for (const Point& next : about_to) {
        for (size_t i = events_.size(); i-- > 0;) {
            if (events_[i].address == next.object && events_[i].thread != next.thread) {
                const Points& last = points_[i];
                facts.push_back({Fact::Kind::before, last.points[last.count - 1], next});
                break;
            }
        }
    }
    add_orders(facts);
    for (size_t i = 0; i < events_.size(); ++i) {
        for (unsigned part = 0; part < points_[i].count; ++part) {
            const Point& point = points_[i].points[part];
            if (point.kind == Point::Kind::give_up || point.kind == Point::Kind::wait ||
                point.kind == Point::Kind::wake) {
                facts.push_back({Fact::Kind::happens, {}, point});
            }
        }
        if (reads(events_[i])) {
            add_reads(i, facts);
        }
    }
    std::reverse(facts.begin(), facts.end());
    std::vector<Fact> once;
    for (const Fact& fact : facts) {
        if (std::find(once.begin(), once.end(), fact) == once.end()) {
            once.push_back(fact);
        }
    }
    return once;
}

// ----- what one thread has learnt of another ----------------------------------------------------

namespace {

/// How a thread has learnt of the first thread's access: the last step, and what came before.
struct Known {
    bool is_reached = false;
    unsigned missing = 0;         ///< orders on the way
    size_t last = History::none;  ///< index in the list of steps
    size_t since = 0;             ///< the event at which the thread has learnt it
};

struct LinkedStep {
    Passage::Step step;
    size_t before;  ///< index of the step before it, or none
};

/// Has the thread passed a fence of that kind between two events?
bool has_fence(const std::vector<Event>& events, uint16_t thread, size_t begin, size_t end,
               bool (*is_of_kind)(uint8_t)) {
    return std::any_of(events.begin() + static_cast<ptrdiff_t>(begin),
                       events.begin() + static_cast<ptrdiff_t>(end), [&](const Event& event) {
                           return event.thread == thread && event.kind == Event::Kind::fence &&
                                  is_of_kind(event.order);
                       });
}

}  // namespace

Passage passage_between(const History& history, uint16_t from, uint32_t from_step, uint16_t to,
                        uint32_t to_step) {
    const std::vector<Event>& events = history.events();
    const auto end =
        static_cast<size_t>(std::find_if(events.begin(), events.end(),
                                         [&](const Event& event) { return event.step > to_step; }) -
                            events.begin());
    std::vector<LinkedStep> steps;
    std::map<uint16_t, Known> known;   // by thread
    std::map<size_t, Known> at_store;  // what the writer knew then, by event
    for (size_t i = 0; i < end; ++i) {
        const Event& event = events[i];
        if (event.thread == from && event.step >= from_step && !known[from].is_reached) {
            known[from] = {true, 0, History::none, i};
        }
        const size_t store = history.read_by(i);
        const auto found = store == History::none ? at_store.end() : at_store.find(store);
        if (found != at_store.end() && found->second.is_reached && event.thread != from) {
            const Known& then = found->second;
            const Event& stored = events[store];
            const bool is_released =
                is_release(stored.order) ||
                has_fence(events, stored.thread, then.since, store, is_release);
            const bool is_acquired =
                is_acquire(event.order) || has_fence(events, event.thread, i, end, is_acquire);
            const unsigned missing = then.missing + (is_released ? 0 : 1) + (is_acquired ? 0 : 1);
            Known& now = known[event.thread];
            if (!now.is_reached || missing < now.missing) {
                steps.push_back({{store, i, is_released, is_acquired}, then.last});
                now = {true, missing, steps.size() - 1, i};
            }
        }
        if (writes(event)) {
            Known of_store = known[event.thread];
            // An RMW continues the release sequence of what it has read.
            if (event.kind == Event::Kind::rmw && found != at_store.end() &&
                found->second.is_reached &&
                (!of_store.is_reached || found->second.missing < of_store.missing)) {
                of_store = found->second;
            }
            at_store[i] = of_store;
        }
    }
    Passage passage;
    for (size_t at = known[to].is_reached ? known[to].last : History::none; at != History::none;
         at = steps[at].before) {
        passage.steps.insert(passage.steps.begin(), steps[at].step);
    }
    return passage;
}

Passage passage_of(const History& history, const Facts& facts) {
    const AccessFact& first = facts.accesses[0];
    const AccessFact& second = facts.accesses[1];
    // A plain access has the step of the operation before it.
    return passage_between(history, first.thread, first.step + (first.is_atomic ? 0 : 1),
                           second.thread, second.step);
}

// ----- parts -------------------------------------------------------------------------------------

std::vector<Stretch> stretches_of(const History& history, const Facts& facts) {
    constexpr unsigned before_a_mark = 4;
    const std::vector<Event>& events = history.events();
    std::vector<Stretch> stretches;
    for (unsigned part = 0; part < facts.part_count; ++part) {
        const bool is_one = facts.parts[part].first == facts.parts[part].last;
        for (size_t last = 0; last < events.size(); ++last) {
            if (events[last].kind != Event::Kind::mark ||
                events[last].value != facts.parts[part].last) {
                continue;
            }
            size_t first = last;
            unsigned seen = 0;
            for (size_t i = last; i-- > 0;) {
                if (events[i].thread != events[last].thread) {
                    continue;
                }
                const bool is_begin = events[i].kind == Event::Kind::mark &&
                                      events[i].value == facts.parts[part].first;
                seen += is_of_atomic(events[i].kind) || is_of_lock(events[i].kind) ? 1 : 0;
                first = i;
                if (is_begin || (is_one && seen == before_a_mark)) {
                    break;
                }
            }
            stretches.push_back({events[last].thread, first, last});
        }
    }
    return stretches;
}

// ----- hitting sets -----------------------------------------------------------------------------

namespace {

using Rows = std::vector<std::vector<bool>>;

/// Adds columns after `begin` until each row has one; false if `left` columns are too few.
bool hit_all(const Rows& rows, size_t columns, size_t begin, unsigned left,
             std::vector<size_t>& chosen) {
    const auto open = std::find_if(rows.begin(), rows.end(), [&](const std::vector<bool>& row) {
        return std::none_of(chosen.begin(), chosen.end(),
                            [&](size_t column) { return row[column]; });
    });
    if (open == rows.end()) {
        return true;
    }
    for (size_t column = left == 0 ? columns : begin; column < columns; ++column) {
        // The last column has to hit the row that is open.
        if (left == 1 && !(*open)[column]) {
            continue;
        }
        chosen.push_back(column);
        if (hit_all(rows, columns, column + 1, left - 1, chosen)) {
            return true;
        }
        chosen.pop_back();
    }
    return false;
}

std::vector<size_t> greedy_hitting_set(Rows rows, size_t columns) {
    const Rows all = rows;
    std::vector<size_t> chosen;
    while (!rows.empty()) {
        size_t best = 0;
        ptrdiff_t most = 0;
        for (size_t column = 0; column < columns; ++column) {
            const auto hits = std::count_if(rows.begin(), rows.end(),
                                            [&](const auto& row) { return row[column]; });
            if (hits > most) {
                best = column;
                most = hits;
            }
        }
        chosen.push_back(best);
        std::erase_if(rows, [&](const auto& row) { return row[best]; });
    }
    for (size_t i = chosen.size(); i-- > 0;) {
        std::vector<size_t> without = chosen;
        without.erase(without.begin() + static_cast<ptrdiff_t>(i));
        if (hit_all(all, columns, 0, 0, without)) {
            chosen = without;
        }
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

}  // namespace

std::vector<size_t> smallest_hitting_set(const Rows& given, size_t columns) {
    Rows rows = given;
    std::erase_if(rows, [](const std::vector<bool>& row) {
        return std::none_of(row.begin(), row.end(), [](bool has) { return has; });
    });
    constexpr unsigned exact_max = 3;
    for (unsigned size = 0; size <= exact_max; ++size) {
        std::vector<size_t> chosen;
        if (hit_all(rows, columns, 0, size, chosen)) {
            return chosen;
        }
    }
    return greedy_hitting_set(std::move(rows), columns);
}

}  // namespace weave
