// What an execution asks and tells: it follows the plan, then adds events, and notes what else
// could have been.
#include <algorithm>

#include "graph/graph_search.h"
#include "model/order.h"
#include "run/execution.h"

namespace weave {

void GraphSearch::begin_execution(Execution& execution) {
    execution_ = &execution;
    next_ = 0;
    planned_ = order_count();
    planned_stamps_ = count();
    planned_items_ = items_.size();
    is_lost_ = is_finishing_ = is_read_already_ = false;
    wanted_ = nullptr;
    reading_ = writing_ = 0;
    parked_ = exiting_ = {};
    turn_began_ = 0;
    revisitor_ = 0;
    failed_ = threads_max;
    has_ghosts_ = false;
    stamps_.clear();
    last_sync_.clear();
    futexes_.clear();
    std::fill(std::begin(announced_), std::end(announced_), Announced{});
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        at(stamp).store = nullptr;
        has_ghosts_ |= at(stamp).is_ghost;
    }
    std::fill(ids_, ids_ + graph_threads_max, uint16_t{threads_max});
    std::fill(children_, children_ + graph_threads_max, uint8_t{0});
    begin_windows();
    begin_twins();
    writes_.begin_execution(execution);
    if (name_count_ == 0) {
        named_[name_count_++] = {UINT8_MAX, 0};
    }
    names_[0] = 0;
    ids_[0] = 0;
    times_[0] = learnt_[0] = {};
    learnt_until_.clear();
    if (execution.settings().plain_choice_points) {
        meets("choice points before plain accesses");
    }
}

// ----- threads -----------------------------------------------------------------------------------

unsigned GraphSearch::current_name() const {
    const unsigned id = execution_->current().id;
    WEAVE_CHECK(id < std::size(names_), id);
    return names_[id];
}

void GraphSearch::arrive(OperationKind kind) {
    const unsigned id = execution_->current().id;
    parked_.add(id);
    if (has_twins_) {
        come_between_joins();
    }
    if (asked_.stage == Stage::answering && kind != OperationKind::yield && !asked_.is_at_read) {
        end_asking(0);
    }
    switch (kind) {
        case OperationKind::load:
        case OperationKind::store:
        case OperationKind::rmw:
        case OperationKind::fence:
        case OperationKind::yield:
        case OperationKind::start:
            return;
        case OperationKind::other:
            if (exiting_.contains(id)) {
                return;
            }
            meets("an operation on something other than atomic objects");
            return;
        case OperationKind::lock:
        case OperationKind::unlock:
            if (announced_[id].object == nullptr) {
                meets("locks");
            }
            return;
        case OperationKind::wait:
        case OperationKind::wake:
            if (announced_[id].object == nullptr && !announced_[id].is_futex) {
                meets("waits other than joins, for conditions and on futexes");
            }
            return;
    }
}

void GraphSearch::exits() { exiting_.add(execution_->current().id); }

unsigned GraphSearch::choose_thread(const ThreadSet& enabled, unsigned current) {
    if (is_read_already_) {
        meets("a weak compare-exchange that waits");
        is_read_already_ = false;
    }
    reading_ = writing_ = 0;
    ThreadSet able = enabled;
    if (!follows()) {
        return able.contains(current) ? current : able.first();
    }
    if (asked_.stage == Stage::answering) {
        if (!enabled.contains(current)) {
            end_asking(0);
        }
        return current;
    }
    for (Stamp stamp = 1; has_ghosts_ && stamp <= count(); ++stamp) {
        const GraphEvent& event = at(stamp);
        if (event.is_ghost && ids_[event.thread] != threads_max &&
            times_[event.thread].of[event.thread] + 1 == event.index) {
            able.remove(ids_[event.thread]);
        }
    }
    if (able.is_empty()) {
        return finish(enabled);
    }
    // What a thread does up to its next choice point is not an event.
    const ThreadSet between = able & ~parked_;
    turn_began_ = next_;
    if (!between.is_empty()) {
        return between.contains(current) ? current : between.first();
    }
    unsigned chosen = threads_max;
    if (is_planned()) {
        chosen = ids_[at(order()[next_]).thread];
        if (chosen == threads_max || !able.contains(chosen)) {
            lose();
            chosen = able.first();
        }
    } else {
        for (unsigned id = able.first(); id != threads_max; id = able.next(id + 1)) {
            if (is_blocked(id) || waiting_.contains(id) || redundant_.contains(id) ||
                waits_for_twin(id)) {
                able.remove(id);
            }
        }
        if ((able & ~exiting_).is_empty() && waits_in_vain()) {
            was_blocked_ = true;
            execution_->abandon();
        }
        if (able.is_empty()) {
            // All of them wait: the execution ends with that.
            is_finishing_ = true;
            return enabled.contains(current) ? current : enabled.first();
        }
        const ThreadSet staying = able & ~exiting_;
        chosen = staying.contains(current) ? current
                 : staying.is_empty()      ? able.first()
                                           : staying.first();
    }
    parked_.remove(chosen);
    return chosen;
}

/// Only threads that have a finding are left: one of them runs into it again.
unsigned GraphSearch::finish(const ThreadSet& enabled) {
    const unsigned thread = enabled.first();
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        GraphEvent& event = at(stamp);
        if (event.is_ghost && ids_[event.thread] == thread && event.kind == GraphKind::read) {
            order_.push(stamp);
            planned_ = order_count();
            next_ = planned_ - 1;
            event.is_ghost = false;
            finished_ = stamp;
            return thread;
        }
    }
    is_finishing_ = true;
    return thread;
}

const Snapshot* GraphSearch::created(unsigned thread, const Clock& known) {
    if (!follows()) {
        return nullptr;
    }
    const unsigned parent = current_name();
    const uint8_t ordinal = children_[parent]++;
    unsigned name = 0;
    while (name < name_count_ &&
           (named_[name].parent != parent || named_[name].ordinal != ordinal)) {
        ++name;
    }
    if (name == graph_threads_max || thread >= std::size(names_)) {
        meets("more than 16 threads");
        return nullptr;
    }
    if (name == name_count_) {
        named_[name_count_++] = {static_cast<uint8_t>(parent), ordinal};
    }
    names_[thread] = static_cast<uint8_t>(name);
    ids_[name] = static_cast<uint16_t>(thread);
    times_[name] = times_[parent];
    learnt_[name] = learnt_[parent];
    return begin_twin(name, parent, known);
}

bool GraphSearch::joins(unsigned thread) {
    if (!follows()) {
        return true;
    }
    times_[current_name()].join(times_[names_[thread]]);
    learnt_[current_name()].join(learnt_[names_[thread]]);
    return !has_twins_ || join_twin(names_[thread]);
}

void GraphSearch::wakes(unsigned thread) {
    if (follows()) {
        times_[names_[thread]].join(times_[current_name()]);
        learnt_[names_[thread]].join(learnt_[current_name()]);
        limited_.remove(thread);
    }
}

/// Has a thread learnt something from others since `before`?
bool GraphSearch::has_learnt_since(unsigned name, const Prefix& before) const {
    const Prefix& learnt = learnt_by(name);
    for (unsigned other = 0; other < name_count_; ++other) {
        if (other != name && learnt.of[other] != before.of[other]) {
            return true;
        }
    }
    return false;
}

void GraphSearch::waits_with_limit() { limited_.add(execution_->current().id); }

void GraphSearch::stands_still() {
    if (waits_in_vain()) {
        was_blocked_ = true;
        execution_->abandon();
    }
}

void GraphSearch::fails(Verdict verdict) {
    if (verdict == Verdict::data_race) {
        // The two accesses may only seem to be unordered: see begin_twin().
        tell_apart("a data race");
    }
    if (asked_.stage == Stage::answering) {
        keep_answer(0);
        return;
    }
    const bool is_standstill = verdict == Verdict::deadlock || verdict == Verdict::livelock;
    if (follows() && !is_standstill) {
        failed_ = execution_->current().id;
    }
}

/// The execution has not followed its plan.
void GraphSearch::lose() {
    meets("an execution that does not follow its graph");
    is_lost_ = true;
    wanted_ = nullptr;
}

// ----- events ------------------------------------------------------------------------------------

GraphEvent& GraphSearch::add(GraphKind kind) {
    WEAVE_CHECK(!is_planned(), next_, planned_);
    events_.push({});
    const Stamp stamp = count();
    order_.push(stamp);
    next_ = planned_ = order_count();
    GraphEvent& event = at(stamp);
    event.kind = kind;
    event.thread = static_cast<uint8_t>(current_name());
    const uint16_t before = times_[event.thread].of[event.thread];
    if (before == UINT16_MAX - 1) {
        meets("a thread with more than 65,534 operations");
    }
    event.index = static_cast<uint16_t>(before + 1);
    return event;
}

/// The next event of the plan, if it is this one; otherwise null.
GraphEvent* GraphSearch::take(GraphKind kind) {
    GraphEvent& event = at(order()[next_]);
    const unsigned name = current_name();
    if (event.kind != kind || event.thread != name || event.index != times_[name].of[name] + 1) {
        lose();
        return nullptr;
    }
    ++next_;
    return &event;
}

GraphEvent* GraphSearch::take_or_add(GraphKind kind, bool& is_new) {
    is_new = !is_planned();
    return is_new ? &add(kind) : take(kind);
}

/// Notes what the current thread knows before the event.
void GraphSearch::settle(GraphEvent& event, const Location* location) {
    const Thread& thread = execution_->current();
    event.twin = has_twins_ ? follow_twin(event.thread) : 0;
    event.before = times_[event.thread];
    event.known = {};
    for (unsigned name = 0; name < name_count_; ++name) {
        if (ids_[name] != threads_max) {
            const Epoch epoch = thread.clock.happens_before(ids_[name]);
            if (epoch > UINT16_MAX) {
                meets("a thread with more than 65,535 releases");
            }
            event.known.of[name] = static_cast<uint16_t>(epoch);
        }
    }
    event.epoch = event.known.of[event.thread];
    if (location != nullptr) {
        event.location = location->number;
        event.address = location->address;
        if (location->is_mixed) {
            meets("atomic accesses of several sizes to one object");
        }
    }
    if (has_twins_) {
        check_symmetry(event);
    }
}

/// The event comes after what the thread has done, and after what it reads. `teaches`: its thread
/// learns what the thread of `read` knew.
void GraphSearch::end_event(GraphEvent& event, Stamp read, bool teaches) {
    if (is_digesting_) {
        writes_.settle();
    }
    Prefix& time = times_[event.thread];
    if (read != 0) {
        time.join(at(read).porf);
    }
    // A copy of a number that was only just written would wait for it.
    event.porf = time;
    time.of[event.thread] = event.porf.of[event.thread] = event.index;
    if (symmetry_ != Symmetry::none) {
        note_done(event);
    }
    if (has_clock_) {
        learn(event.thread, static_cast<Stamp>(&event - &at(1) + 1), teaches ? read : 0);
    }
}

/// What a thread has learnt after its event `stamp`, which has read `from`.
void GraphSearch::learn(unsigned name, Stamp stamp, Stamp from) {
    while (learnt_until_.size() <= count()) {
        learnt_until_.push({});
    }
    Prefix& learnt = learnt_[name];
    learnt.of[name] = at(stamp).index;
    if (from != 0) {
        learnt.join(learnt_until_[from]);
    }
    learnt_until_[stamp] = learnt;
}

/// The initial value of an object, or what code that is not instrumented has written last.
const Store* GraphSearch::initial(const Location& location) const {
    const Store* store = location.newest;
    while (store != nullptr && stamp_of(*store) != 0) {
        store = store->older;
    }
    return store;
}

bool GraphSearch::knows(const Prefix& known, const Store& store) const {
    if (store.epoch == 0 || store.epoch <= known.of[names_[store.writer]]) {
        return true;
    }
    return std::any_of(
        store.readers, store.readers + store.reader_count,
        [&](const Reader& reader) { return reader.at <= known.of[names_[reader.thread]]; });
}

/// Did a read that is in the graph know the store before it read? The last part of knows() is not
/// enough: what the thread has read since counts there too.
bool GraphSearch::knew(const GraphEvent& read, const Store& store) {
    if (store.epoch == 0 || store.epoch <= read.known.of[names_[store.writer]]) {
        return true;
    }
    for (unsigned i = 0; i < store.reader_count; ++i) {
        const unsigned name = names_[store.readers[i].thread];
        if (name != read.thread && store.readers[i].at <= read.known.of[name]) {
            return true;
        }
    }
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        const GraphEvent& event = at(stamp);
        // A bound read teaches its thread nothing.
        if (event.thread == read.thread && event.index < read.index && event.store == &store &&
            !event.is_bound) {
            return true;
        }
    }
    return false;
}

const Store* GraphSearch::peek(const Location& location) {
    if (!follows()) {
        return nullptr;
    }
    if (!is_planned()) {
        return location.newest;
    }
    const GraphEvent& event = at(order()[next_]);
    return event.kind != GraphKind::read ? nullptr
           : event.reads != 0            ? at(event.reads).store
                                         : initial(location);
}

const Store* GraphSearch::read(const Location& location, const GraphRead& reading,
                               const Store* not_older_than) {
    if (!follows()) {
        return wanted_ = nullptr;
    }
    const bool is_sequential = execution_->settings().memory == Memory::sc;
    if (is_read_already_) {
        // Only now the order of success is known.
        is_read_already_ = false;
        GraphEvent& event = at(reading_);
        event.is_sc_if_stored = is_sequential || is_sc(reading.stored);
        event.is_sc =
            stores_after(event, wanted_->value) ? event.is_sc_if_stored : event.is_sc_if_not;
        return wanted_;
    }
    bool is_new = false;
    GraphEvent* const event = take_or_add(GraphKind::read, is_new);
    if (event == nullptr) {
        return nullptr;
    }
    const Store* const store = is_new              ? location.newest
                               : event->reads != 0 ? at(event->reads).store
                                                   : initial(location);
    if (store == nullptr || (reading.is_bound && store != location.newest)) {
        lose();
        return nullptr;
    }
    event->is_bound = reading.is_bound;
    event->needs = reading.needs;
    event->reads_for = reading.reads_for;
    event->is_weak = reading.is_weak;
    event->expected = reading.expected;
    event->is_sc_if_stored = is_sequential || is_sc(reading.stored);
    event->is_sc_if_not = is_sequential || is_sc(reading.not_stored);
    event->is_sc =
        stores_after(*event, store->value) ? event->is_sc_if_stored : event->is_sc_if_not;
    event->store = const_cast<Store*>(store);
    event->reads = stamp_of(*store);
    settle(*event, &location);
    end_event(*event, event->reads);
    if (reading.is_bound && reading_ != 0) {
        // What follows the sync event on its object comes after both.
        event->partner = reading_;
        at(reading_).porf = event->porf;
        if (has_clock_) {
            learnt_until_[reading_] = learnt_[event->thread];
        }
    }
    reading_ = is_new ? count() : order()[next_ - 1];
    if (is_new) {
        note_other_stores(location, reading_, reading, not_older_than);
    }
    wanted_ = store;
    end_plan();
    return wanted_;
}

const Store* GraphSearch::place(const Location& location, std::memory_order order) {
    if (!follows()) {
        return wanted_ = nullptr;
    }
    GraphEvent* const event = take_or_add(GraphKind::write, writing_is_new_);
    if (event == nullptr) {
        return nullptr;
    }
    event->is_sc = execution_->settings().memory == Memory::sc || is_sc(order);
    settle(*event, &location);
    end_event(*event, 0);
    writing_ = writing_is_new_ ? count() : this->order()[next_ - 1];
    const Store* place = location.newest;
    if (writing_is_new_) {
        note_other_places(location, writing_);
    } else {
        Stamp older = event->older;
        while (older != 0 && at(older).store == nullptr) {
            older = at(older).older;
        }
        place = older != 0 ? at(older).store : initial(location);
    }
    return wanted_ = place;
}

void GraphSearch::wrote(const Location& location, Store& store) {
    if (!follows()) {
        return;
    }
    Stamp stamp = writing_;
    bool is_new = writing_is_new_;
    const Stamp read = reading_;
    if (stamp == 0) {
        is_new = !is_planned();
        if (!is_new && at(order()[next_]).partner != read) {
            lose();
            return;
        }
        GraphEvent* const event = take_or_add(GraphKind::write, is_new);
        if (event == nullptr) {
            return;
        }
        stamp = is_new ? count() : order()[next_ - 1];
        event->is_rmw = true;
        event->partner = read;
        event->is_sc = at(read).is_sc_if_stored;
        settle(*event, &location);
        end_event(*event, 0);
    }
    GraphEvent& event = at(stamp);
    event.store = &store;
    event.older = store.older == nullptr ? 0 : stamp_of(*store.older);
    while (stamps_.size() <= store.number) {
        stamps_.push(0);
    }
    stamps_[store.number] = stamp;
    if (store.newer != nullptr && stamp_of(*store.newer) != 0) {
        at(stamp_of(*store.newer)).older = stamp;
    }
    reading_ = writing_ = 0;
    close_window();
    if (is_new || stamp >= fresh_) {
        WEAVE_CHECK(revisitor_ == 0, revisitor_);
        revisitor_ = stamp;
        revisitor_at_ = &location;
    }
    end_plan();
}

/// A new store revisits once all events of the plan are there.
void GraphSearch::end_plan() {
    if (revisitor_ == 0 || is_planned()) {
        return;
    }
    const GraphEvent& event = at(revisitor_);
    const Stamp stamp = revisitor_;
    revisitor_ = 0;
    revisit({revisitor_at_,
             event.porf,
             stamp - 1,
             event.store,
             event.is_rmw ? at(event.partner).store : nullptr,
             &event.known,
             {ItemKind::revisit, 0, stamp, 0, 0},
             &event.store->value});
}

void GraphSearch::check(const Store& taken) {
    if (wanted_ != nullptr && wanted_ != &taken) {
        lose();
    }
}

void GraphSearch::fence(std::memory_order order) {
    if (!follows()) {
        return;
    }
    bool is_new = false;
    GraphEvent* const event = take_or_add(GraphKind::fence, is_new);
    if (event == nullptr) {
        return;
    }
    event->is_sc = is_sc(order) && execution_->settings().memory == Memory::c20;
    settle(*event, nullptr);
    if (acquires(order)) {
        const Clock& pending = execution_->current().pending;
        for (unsigned name = 0; name < name_count_; ++name) {
            if (ids_[name] != threads_max) {
                event->known.of[name] =
                    std::max(event->known.of[name],
                             static_cast<uint16_t>(pending.happens_before(ids_[name])));
            }
        }
    }
    end_event(*event, 0);
    end_plan();
}

bool GraphSearch::is_free(const SyncObject& object) {
    constexpr uint32_t running = 1;
    switch (object.kind) {
        case SyncKind::semaphore:
            return object.count != 0;
        case SyncKind::once:
            return object.count != running;
        default:
            return object.owner == SyncObject::no_owner && object.count == 0;
    }
}

void GraphSearch::announces(const SyncObject& object, Wants wants) {
    if (!follows()) {
        return;
    }
    const Thread& thread = execution_->current();
    // A thread that holds the object already is not kept waiting by others.
    const bool holds = object.kind != SyncKind::semaphore && object.kind != SyncKind::once &&
                       object.owner == thread.id;
    announced_[thread.id] = {&object, holds ? Wants::nothing : wants, false};
}

void GraphSearch::announces_futex(uintptr_t address) {
    WEAVE_CHECK(address != 0);
    if (follows()) {
        announced_[execution_->current().id] = {nullptr, Wants::nothing, true};
    }
}

/// Does a thread wait for an object that is not free?
bool GraphSearch::is_blocked(unsigned thread) const {
    const Announced& next = announced_[thread];
    return next.object != nullptr &&
           ((next.wants == Wants::exclusive && !is_free(*next.object)) ||
            (next.wants == Wants::shared && !is_free_to_share(*next.object)));
}

void GraphSearch::acts(const SyncObject& object, bool is_unlock) {
    if (!follows()) {
        return;
    }
    const unsigned id = execution_->current().id;
    const Wants wants = announced_[id].wants;
    announced_[id] = {};
    if (wants != Wants::nothing) {
        // It has got the lock before its limit.
        limited_.remove(id);
    }
    while (last_sync_.size() <= object.number) {
        last_sync_.push(0);
    }
    const bool is_lock = windows_[current_name()].is_at_lock;
    const bool changes_nothing =
        is_unlock && object.changes_at_lock != nullptr && !object.is_inconsistent &&
        object.changes_at_lock[id] == execution_->current().public_changes();
    take_turn(last_sync_[object.number], wants, is_free(object), is_free_to_share(object),
              /*teaches=*/true, is_lock || changes_nothing);
    if (is_lock) {
        note_lock(object);
    }
}

void GraphSearch::acts_on_futex(uintptr_t address, bool is_turn) {
    if (!follows()) {
        return;
    }
    announced_[execution_->current().id] = {};
    if (is_turn) {
        take_turn(last_turn_of_futex(address), Wants::nothing, true, true,
                  address != Time::address);
    }
}

/// Futexes are known by their address. Memory that was freed is not used again in a search through
/// graphs, and a wake-up may come after that.
Stamp& GraphSearch::last_turn_of_futex(uintptr_t address) {
    Futex* const end = futexes_.end();
    Futex* const found = std::find_if(futexes_.begin(), end,
                                      [&](const Futex& futex) { return futex.address == address; });
    return found != end ? found->last : futexes_.push({address, 0}).last;
}

/// Adds a sync event of the current thread after `last`, the one before it on its object.
void GraphSearch::take_turn(Stamp& last, Wants wants, bool is_free, bool is_free_to_share,
                            bool teaches, bool is_of_round) {
    bool is_new = false;
    GraphEvent* const event = take_or_add(GraphKind::sync, is_new);
    if (event == nullptr) {
        return;
    }
    const Stamp stamp = is_new ? count() : order()[next_ - 1];
    if (!is_new && event->reads != last) {
        lose();
        return;
    }
    event->reads = last;
    event->wants = wants;
    event->is_free = is_free;
    event->is_free_to_share = is_free_to_share;
    event->is_of_round = is_of_round;
    last = stamp;
    if (!is_of_round) {
        close_window();
    }
    reading_ = stamp;
    settle(*event, nullptr);
    end_event(*event, event->reads, teaches);
    if (is_new) {
        note_other_turns(stamp);
    }
    end_plan();
}

/// A thread that still waits for an object could have come to it earlier than others. The execution
/// is over, so its graph may get the event that has not come about.
void GraphSearch::note_turns_of_blocked() {
    if (is_lost_ || unsupported_ != nullptr || is_planned()) {
        return;
    }
    for (unsigned name = 0; name < name_count_; ++name) {
        const unsigned id = ids_[name];
        if (id == threads_max || announced_[id].object == nullptr || !is_blocked(id) ||
            waiting_.contains(id) || waits_for_twin(id)) {
            continue;
        }
        if (has_twins_) {
            follow_twin(name);
        }
        const uint32_t object = announced_[id].object->number;
        events_.push({});
        order_.push(count());
        GraphEvent& event = at(count());
        event.kind = GraphKind::sync;
        event.thread = static_cast<uint8_t>(name);
        event.index = static_cast<uint16_t>(times_[name].of[name] + 1);
        event.before = event.porf = times_[name];
        event.porf.of[name] = event.index;
        event.wants = announced_[id].wants;
        event.reads = object < last_sync_.size() ? last_sync_[object] : 0;
        note_other_turns(count());
    }
}

/// The places before others that a new sync event could have on its object. What it overtakes is
/// undone.
void GraphSearch::note_other_turns(Stamp stamp) {
    const GraphEvent& event = at(stamp);
    for (Stamp next = event.reads; next != 0 && !contains(event.before, at(next));
         next = at(next).reads) {
        const GraphEvent& overtaken = at(next);
        if (overtaken.is_frozen) {
            return;
        }
        if ((event.wants == Wants::exclusive && !overtaken.is_free) ||
            (event.wants == Wants::shared && !overtaken.is_free_to_share)) {
            continue;
        }
        Prefix porf = event.before;
        if (overtaken.reads != 0) {
            porf.join(at(overtaken.reads).porf);
        }
        const Revisitor by{nullptr,
                           porf,
                           stamp - 1,
                           nullptr,
                           nullptr,
                           nullptr,
                           {ItemKind::sync, 0, stamp, next, overtaken.reads},
                           nullptr};
        bool is_undone = true;
        for (Stamp undone = stamp - 1; is_undone && undone >= next; --undone) {
            is_undone = contains(porf, at(undone)) || is_maximal(undone, by);
        }
        if (is_undone) {
            items_.push(by.item);
        }
    }
}

unsigned GraphSearch::choose(unsigned number) {
    if (follows() && reading_ == 0) {
        close_window();
    }
    return take_choice(number);
}

/// Whether a thread sleeps changes nothing: rounds of loops may contain this choice.
unsigned GraphSearch::choose_sleep() {
    if (asked_.stage == Stage::answering) {
        end_asking(0);
    }
    return take_choice(2);
}

unsigned GraphSearch::take_choice(unsigned number) {
    if (!follows()) {
        return 0;
    }
    bool is_new = false;
    GraphEvent* const event = take_or_add(GraphKind::choice, is_new);
    if (event == nullptr) {
        return 0;
    }
    event->partner = reading_;
    settle(*event, nullptr);
    end_event(*event, 0);
    if (is_new || order()[next_ - 1] >= fresh_) {
        event->alternatives = static_cast<uint8_t>(number);
        note_other_values(order()[next_ - 1]);
    }
    end_plan();
    return event->value < number ? event->value : 0;
}

// ----- what else could be ------------------------------------------------------------------------

bool GraphSearch::stores_after(const GraphEvent& read, const Value& value) {
    return read.reads_for == Reads::modify ||
           (read.reads_for == Reads::exchange && value == read.expected);
}

void GraphSearch::note_other_values(Stamp stamp) {
    for (unsigned value = at(stamp).alternatives - 1u; value != 0; --value) {
        items_.push({ItemKind::choice, static_cast<uint8_t>(value), stamp, 0, 0});
    }
}

/// The other stores that a new read could return. A store that an RMW has read is none for another
/// one, but then the second may come first.
void GraphSearch::note_other_stores(const Location& location, Stamp stamp, const GraphRead& reading,
                                    const Store* not_older_than) {
    const GraphEvent& event = at(stamp);
    for (const Store* store = location.newest; !knows(event.known, *store);) {
        store = store->older;
        if (store == nullptr || store == not_older_than) {
            return;
        }
        if (!is_met(event, store->value) || !may_read(event, *store)) {
            // Nothing would come of it: such a read is never undone. Or its twin reads that.
            continue;
        }
        const bool stores = stores_after(event, store->value);
        const Stamp read = stamp_of(*store);
        if (!stores || !is_taken(*store)) {
            items_.push(
                {ItemKind::read, stores ? stores_something : stores_nothing, stamp, read, 0});
            continue;
        }
        if (event.is_weak) {
            items_.push({ItemKind::failure, 0, stamp, read, 0});
        }
        Prefix porf = event.before;
        if (read != 0) {
            porf.join(at(read).porf);
        }
        porf.of[event.thread] = static_cast<uint16_t>(event.index + (event.is_weak ? 2 : 1));
        Value value;
        if (reading.modify != nullptr) {
            value = reading.modify(store->value, reading.operand, location.size);
        }
        revisit({&location,
                 porf,
                 stamp - 1,
                 nullptr,
                 store,
                 nullptr,
                 {ItemKind::moot, 0, stamp, 0, read},
                 reading.modify == nullptr ? nullptr : &value});
    }
}

/// The other places of a new store.
void GraphSearch::note_other_places(const Location& location, Stamp stamp) {
    const GraphEvent& event = at(stamp);
    for (const Store* store = location.newest; !knows(event.known, *store);) {
        if (is_of_twin(event, *store)) {
            return;
        }
        const bool is_free = !store->is_rmw;
        store = store->older;
        if (store == nullptr) {
            return;
        }
        if (is_free) {
            items_.push({ItemKind::place, 0, stamp, stamp_of(*store), 0});
        }
    }
}

/// Which reads that were added before a store could return it? Such a read, and what was added
/// after it without coming before the store, are undone for that; the others stay. The same graph
/// would come about in several ways, so it is done only where all that is undone is as the search
/// itself would add it.
void GraphSearch::revisit(const Revisitor& by) {
    for (Stamp stamp = by.newest; stamp != 0; --stamp) {
        const GraphEvent& event = at(stamp);
        if (contains(by.porf, event)) {
            continue;
        }
        if (!is_maximal(stamp, by)) {
            return;
        }
        if (event.kind == GraphKind::read &&
            (event.is_ghost ? event.address == by.location->address
                            : event.location == by.location->number)) {
            note_revisits(by, stamp);
        }
    }
}

/// Is an event as it would be if it were added to what came before it in the graph, and to what
/// comes before the store?
bool GraphSearch::is_maximal(Stamp stamp, const Revisitor& by) {
    const GraphEvent& event = at(stamp);
    if (event.is_frozen) {
        return false;
    }
    if (event.kind == GraphKind::choice) {
        return event.value == 0;
    }
    if (event.kind != GraphKind::read && event.kind != GraphKind::write) {
        return true;
    }
    const auto is_before = [&](Stamp other) {
        return other < stamp || contains(by.porf, at(other));
    };
    if (event.kind == GraphKind::read && event.reads != 0 && !is_before(event.reads)) {
        return false;
    }
    const Store* store = event.store;
    if (store == nullptr) {
        // The thread has stopped before it.
        if (event.reads == 0 && (by.location == nullptr || event.address != by.location->address)) {
            return true;
        }
        store = event.reads != 0 ? at(event.reads).store : initial(*by.location);
    }
    for (store = store->newer; store != nullptr; store = store->newer) {
        const Stamp newer = stamp_of(*store);
        if (store != by.made && newer != 0 && newer != stamp && is_before(newer)) {
            return false;
        }
    }
    return true;
}

/// Notes that a read could return the store, once for each place that this could have.
void GraphSearch::note_revisits(const Revisitor& by, Stamp target) {
    const GraphEvent& read = at(target);
    const auto is_kept = [&](const Store& store) {
        const Stamp stamp = stamp_of(store);
        if (stamp == 0) {
            return true;
        }
        const GraphEvent& write = at(stamp);
        const Stamp decides = write.is_rmw ? write.partner : stamp;
        return decides != target && (decides < target || contains(by.porf, at(decides)));
    };
    Item item = by.item;
    item.target = target;
    item.value = stores_of(read, by.value);
    if (by.read != nullptr) {
        const Store* next = nullptr;
        for (const Store* store = by.location->newest; store != by.read; store = store->older) {
            if (store == by.made || !is_kept(*store)) {
                continue;
            }
            if (knew(read, *store)) {
                return;
            }
            next = store;
        }
        if ((next == nullptr || !next->is_rmw) && may_read(read, *by.read, &by.porf)) {
            item.place = stamp_of(*by.read);
            items_.push(item);
        }
        return;
    }
    const Store* next = nullptr;
    for (const Store* store = by.location->newest; store != nullptr; store = store->older) {
        if (store == by.made || !is_kept(*store)) {
            continue;
        }
        if ((next == nullptr || !next->is_rmw) && may_read(read, *store, &by.porf)) {
            item.place = stamp_of(*store);
            items_.push(item);
        }
        if (knew(read, *store) || knows(*by.known, *store) || is_of_twin(at(item.stamp), *store)) {
            return;
        }
        next = store;
    }
}

}  // namespace weave
