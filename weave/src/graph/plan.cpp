// From an item to the plan of an execution: which events stay, and in which order they run.
#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"
#include "run/execution.h"

namespace weave {

void GraphSearch::settle_last() {
    if (is_over_ || !has_begun_) {
        return;
    }
    is_over_ = true;
    if (finished_ != 0) {
        at(finished_).is_ghost = true;
        move_to_end(finished_);
        order_.pop();
        finished_ = 0;
        failed_ = threads_max;
    }
    if (is_repeated_ || (failed_ != threads_max && follows() && !is_planned())) {
        return;
    }
    if (!was_dropped_) {
        note_turns_of_blocked();
    }
    done_ += share_weight();
}

bool GraphSearch::begin() {
    if (!has_begun_) {
        has_begun_ = true;
        begin_frame({0, 0, 0});
        return true;
    }
    settle_last();
    is_over_ = false;
    if (is_repeated_) {
        is_repeated_ = false;
        items_.shrink(planned_items_);
        cut(planned_stamps_);
        return true;
    }
    if (failed_ != threads_max && follows() && !is_planned()) {
        done_ += share_weight() / 2;
        weight_ /= 2;
        go_on_without_failed();
        return true;
    }
    for (;;) {
        if (items_.size() == frames_.back().items) {
            if (frames_.size() == 1) {
                return false;
            }
            pop_frame();
            continue;
        }
        if (frames_.size() == frames_max || events_.size() > events_max / 2 ||
            items_.size() > items_max / 2) {
            // Perhaps a loop that never ends: the search begins anew without graphs.
            is_lost_ = false;
            is_finishing_ = false;
            meets("more revisits than there is room for");
            return true;
        }
        const Item item = pop_item();
        if (apply(item)) {
            return true;
        }
        done_ += item.weight;
        ++dropped_;
    }
}

/// False if no execution has such a graph.
bool GraphSearch::apply(const Item& item) {
    cut(item.stamp);
    fresh_ = item.stamp + 1;
    GraphEvent& event = at(item.stamp);
    switch (item.kind) {
        case ItemKind::read:
            set_read(event, item.target, item.value);
            move_read_to_end(item.stamp);
            add_stores(item.stamp, item.value);
            break;
        case ItemKind::failure:
            set_read(event, item.target, stores_nothing);
            move_to_end(item.stamp);
            add_choice(item.stamp, 1);
            fresh_ = count() + 1;
            break;
        case ItemKind::place:
            set_place(item.stamp, item.target);
            move_to_end(item.stamp);
            break;
        case ItemKind::choice:
            event.value = item.value;
            if (event.partner != 0) {
                at(event.partner).is_sc = at(event.partner).is_sc_if_not;
                move_to_end(event.partner);
            }
            move_to_end(item.stamp);
            break;
        case ItemKind::sync:
            apply_turn(item);
            break;
        case ItemKind::revisit:
        case ItemKind::moot:
            apply_revisit(item);
            break;
    }
    if (put_in_order()) {
        return true;
    }
    if (item.kind == ItemKind::revisit || item.kind == ItemKind::moot ||
        item.kind == ItemKind::sync) {
        pop_frame();
    }
    return false;
}

void GraphSearch::begin_frame(const Frame& frame) {
    frames_.push(frame);
    frame_ = frame;
}

void GraphSearch::pop_frame() {
    const Frame& frame = frames_.back();
    events_.shrink(frame.events);
    order_.shrink(frame.order);
    items_.shrink(frame.items);
    frames_.pop();
    frame_ = frames_.empty() ? Frame{} : frames_.back();
}

/// Undoes all events that were added after `last`.
void GraphSearch::cut(Stamp last) {
    for (Stamp stamp = 1; stamp <= last; ++stamp) {
        GraphEvent& event = at(stamp);
        while (event.older > last) {
            event.older = at(event.older).older;
        }
    }
    Stamp* const begin = order();
    Stamp* const end =
        std::remove_if(begin, begin + order_count(), [&](Stamp stamp) { return stamp > last; });
    order_.shrink(frame_.order + static_cast<size_t>(end - begin));
    events_.shrink(frame_.events + last);
}

/// Adds the next event of the thread of `previous`, which is the last one in the order.
GraphEvent& GraphSearch::add_after(Stamp previous, GraphKind kind) {
    GraphEvent added = at(previous);
    added.kind = kind;
    added.index = static_cast<uint16_t>(added.index + 1);
    added.before = added.porf;
    added.porf.of[added.thread] = added.index;
    added.reads = added.older = added.partner = added.twin = 0;
    added.is_rmw = added.is_sc = false;
    events_.push(added);
    order_.push(count());
    return at(count());
}

/// Adds a choice after a read.
void GraphSearch::add_choice(Stamp read, uint8_t value) {
    GraphEvent& choice = add_after(read, GraphKind::choice);
    choice.partner = read;
    choice.value = value;
    choice.alternatives = 2;
}

/// Adds what follows a read that stores, as part of the same operation, if that is known.
void GraphSearch::add_stores(Stamp read, uint8_t stores) {
    if (stores != stores_something) {
        return;
    }
    if (at(read).is_weak) {
        add_choice(read, 0);
    }
    GraphEvent& store = add_after(count() >= fresh_ ? count() : read, GraphKind::write);
    store.is_rmw = true;
    store.partner = read;
    store.is_sc = at(read).is_sc_if_stored;
    store.older = count();
    set_place(count(), at(read).reads);
}

/// Gives a read the store that it returns.
void GraphSearch::set_read(GraphEvent& read, Stamp store, uint8_t stores) {
    read.reads = store;
    read.is_sc = stores == stores_nothing ? read.is_sc_if_not : read.is_sc_if_stored;
    read.porf = read.before;
    if (store != 0) {
        read.porf.join(at(store).porf);
    }
    read.porf.of[read.thread] = read.index;
}

void GraphSearch::move_to_end(Stamp stamp) {
    Stamp* const begin = order();
    Stamp* const end = begin + order_count();
    Stamp* const found = std::find(begin, end, stamp);
    WEAVE_CHECK(found != end, stamp);
    std::rotate(found, found + 1, end);
}

/// The same for a read, with the sync event that it belongs to.
void GraphSearch::move_read_to_end(Stamp stamp) {
    if (at(stamp).partner != 0) {
        move_to_end(at(stamp).partner);
    }
    move_to_end(stamp);
}

/// Moves a write in the modification order.
void GraphSearch::set_place(Stamp stamp, Stamp older) {
    GraphEvent& moved = at(stamp);
    for (Stamp other = 1; other <= count(); ++other) {
        GraphEvent& write = at(other);
        if (other == stamp || moved.older == stamp || write.kind != GraphKind::write ||
            write.location != moved.location) {
            continue;
        }
        if (write.older == stamp) {
            write.older = moved.older;
        }
    }
    for (Stamp other = 1; other <= count(); ++other) {
        GraphEvent& write = at(other);
        if (other != stamp && write.kind == GraphKind::write && write.location == moved.location &&
            write.older == older) {
            write.older = stamp;
        }
    }
    moved.older = older;
}

/// Begins a frame with the events of this one that are kept; those of `is_added_again` come last.
/// Their order of execution is the same. map_ gets the new stamps.
void GraphSearch::push_frame(const bool* is_kept, const bool* is_added_again) {
    const Frame from = frames_.back();
    const Stamp last = count();
    map_.clear();
    for (Stamp stamp = 0; stamp <= last; ++stamp) {
        map_.push(0);
    }
    const size_t begin = events_.size();
    Stamp next = 0;
    for (const bool again : {false, true}) {
        for (Stamp stamp = 1; stamp <= last; ++stamp) {
            if (is_kept[stamp] && is_added_again[stamp] == again) {
                map_[stamp] = ++next;
                events_.push(events_[from.events + stamp - 1]);
            }
        }
    }
    for (size_t i = begin; i < events_.size(); ++i) {
        GraphEvent& event = events_[i];
        while (event.older != 0 && !is_kept[event.older]) {
            event.older = events_[from.events + event.older - 1].older;
        }
        event.older = map_[event.older];
        event.reads = map_[event.reads];
        event.partner = map_[event.partner];
        event.twin = map_[event.twin];
    }
    const size_t order_begin = order_.size();
    for (size_t i = from.order; i < order_begin; ++i) {
        const Stamp stamp = order_[i];
        if (is_kept[stamp]) {
            order_.push(map_[stamp]);
        }
    }
    begin_frame({begin, order_begin, items_.size()});
}

/// Begins a frame with the events up to `last` and those of `porf`, which may not be undone any
/// more there. `target` loses what follows it.
void GraphSearch::keep(Stamp last, const Prefix& porf, Stamp target) {
    const Prefix frozen = porf;
    const Stamp all = count();
    marks_.clear();
    again_.clear();
    for (Stamp stamp = 0; stamp <= all; ++stamp) {
        marks_.push(stamp != 0 && (stamp <= last || contains(frozen, at(stamp))));
        again_.push(false);
    }
    for (Stamp stamp = 1; stamp <= all; ++stamp) {
        const GraphEvent& event = at(stamp);
        if (event.partner != 0 && !marks_[stamp] && marks_[event.partner] &&
            event.partner != target) {
            marks_[stamp] = again_[stamp] = true;
        }
    }
    push_frame(marks_.begin(), again_.begin());
    // An RMW is one operation: what follows its read was undone, and comes again as it was. For a
    // choice that means that its other values come too.
    for (Stamp stamp = 1; stamp <= all; ++stamp) {
        if (again_[stamp] && at(map_[stamp]).kind == GraphKind::choice) {
            note_other_values(map_[stamp]);
        }
    }
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        GraphEvent& event = at(stamp);
        event.is_frozen |= contains(frozen, event);
    }
}

/// Puts a sync event before `target` on its object, in a frame without what this undoes. The thread
/// of `target` comes to it again.
void GraphSearch::apply_turn(const Item& item) {
    GraphEvent& event = at(item.stamp);
    event.reads = item.place;
    event.porf = event.before;
    if (item.place != 0) {
        event.porf.join(at(item.place).porf);
    }
    event.porf.of[event.thread] = event.index;
    move_to_end(item.stamp);
    keep(item.target - 1, event.porf, 0);
    fresh_ = count() + 1;
}

/// Makes the read `target` return the write, in a frame without what this undoes.
void GraphSearch::apply_revisit(const Item& item) {
    Stamp write = item.stamp;
    if (item.kind == ItemKind::moot) {
        // Only now the RMW is given the store that it reads, and its own store.
        GraphEvent& read = at(item.stamp);
        set_read(read, item.place, stores_something);
        move_to_end(item.stamp);
        if (read.is_weak) {
            add_choice(item.stamp, 0);
        }
        GraphEvent& store = add_after(count(), GraphKind::write);
        write = count();
        store.is_rmw = true;
        store.partner = item.stamp;
        store.is_sc = read.is_sc;
        store.older = item.place;
    }
    keep(item.target, at(write).porf, item.target);
    const Stamp made = map_[write];
    const Stamp target = map_[item.target];
    set_place(made, map_[item.place]);
    GraphEvent& read = at(target);
    set_read(read, made, item.value);
    if (read.is_ghost) {
        read.is_ghost = false;
        order_.push(target);
    } else {
        move_read_to_end(target);
    }
    fresh_ = count() + 1;
    add_stores(target, item.value);
}

/// A thread has had a finding. Continues the same graph without that thread: what the others still
/// do may revisit what it has read.
void GraphSearch::go_on_without_failed() {
    const unsigned name = names_[failed_];
    const Stamp last = count();
    marks_.clear();
    again_.clear();
    for (Stamp stamp = 0; stamp <= last; ++stamp) {
        marks_.push(stamp != 0);
        again_.push(false);
    }
    Stamp ghost = 0;
    for (size_t i = turn_began_; i < order_count(); ++i) {
        const Stamp stamp = order()[i];
        WEAVE_CHECK(at(stamp).thread == name, stamp, name);
        if (ghost == 0 && at(stamp).kind == GraphKind::read) {
            ghost = stamp;
        } else {
            // The others may still come before a lock that is undone here.
            is_cut_ |= at(stamp).kind == GraphKind::sync;
            marks_[stamp] = false;
        }
    }
    const Prefix time = times_[name];
    const auto index = static_cast<uint16_t>(time.of[name] - (order_count() - turn_began_) + 1);
    push_frame(marks_.begin(), again_.begin());
    fresh_ = count() + 2;
    if (ghost != 0) {
        const Stamp stamp = map_[ghost];
        at(stamp).is_ghost = true;
        move_to_end(stamp);
        order_.pop();
        return;
    }
    events_.push({});
    GraphEvent& stop = at(count());
    stop.kind = GraphKind::stop;
    stop.is_ghost = true;
    stop.thread = static_cast<uint8_t>(name);
    stop.index = index;
    stop.before = stop.porf = time;
    stop.before.of[name] = static_cast<uint16_t>(index - 1);
    stop.porf.of[name] = index;
}

// ----- the order of execution --------------------------------------------------------------------

/// Orders the events of the plan so that each comes after what it needs, and the sequentially
/// consistent ones as the order S has to be. False if there is no such order.
bool GraphSearch::put_in_order() {
    const size_t size = order_count();
    if (std::none_of(order(), order() + size,
                     [&](Stamp stamp) { return at(stamp).is_sc || at(stamp).is_bound; })) {
        return true;
    }
    old_order_.clear();
    nodes_.clear();
    node_of_.clear();
    for (Stamp stamp = 0; stamp <= count(); ++stamp) {
        node_of_.push(UINT32_MAX);
    }
    for (size_t i = 0; i < size; ++i) {
        const Stamp stamp = order()[i];
        const Stamp partner = at(stamp).partner;
        if (partner == 0 || nodes_.empty() ||
            node_of_[partner] != static_cast<uint32_t>(nodes_.size() - 1)) {
            nodes_.push(static_cast<uint32_t>(i));
        }
        node_of_[stamp] = static_cast<uint32_t>(nodes_.size() - 1);
        old_order_.push(stamp);
    }
    const size_t nodes = nodes_.size();
    nodes_.push(static_cast<uint32_t>(size));
    const size_t words = (nodes + 63) / 64;
    find_constraints(nodes);

    uint16_t done[graph_threads_max] = {};
    marks_.clear();
    for (size_t node = 0; node < nodes; ++node) {
        marks_.push(false);
    }
    // The groups that have not run yet, a bit each.
    const size_t row_of_left = nodes * words;
    size_t first_left = 0;
    for (size_t filled = 0; filled < size;) {
        while (marks_[first_left]) {
            ++first_left;
        }
        size_t node = first_left;
        for (;; ++node) {
            if (node == nodes) {
                std::copy(old_order_.begin(), old_order_.end(), order());
                return false;
            }
            if (marks_[node]) {
                continue;
            }
            const GraphEvent& head = at(old_order_[nodes_[node]]);
            bool is_ready = true;
            for (size_t i = nodes_[node]; is_ready && i < nodes_[node + 1]; ++i) {
                const Stamp read = at(old_order_[i]).reads;
                is_ready = read == 0 || at(read).index <= done[at(read).thread];
            }
            for (unsigned thread = 0; is_ready && thread < name_count_; ++thread) {
                is_ready = head.before.of[thread] <= done[thread];
            }
            for (size_t word = 0; is_ready && word < words; ++word) {
                is_ready =
                    (constraints_[node * words + word] & constraints_[row_of_left + word]) == 0;
            }
            if (is_ready) {
                break;
            }
        }
        marks_[node] = true;
        constraints_[row_of_left + node / 64] &= ~(uint64_t{1} << node % 64);
        for (size_t i = nodes_[node]; i < nodes_[node + 1]; ++i) {
            const Stamp stamp = old_order_[i];
            done[at(stamp).thread] = at(stamp).index;
            order()[filled++] = stamp;
        }
    }
    return true;
}

/// For each group of events, the groups that the order S puts before it ([atomics.order] p4): an
/// operation that gets an older store, or a fence that happens before it, comes before one that
/// gets a newer store, or before a fence that this happens before. A bound read comes before all
/// newer stores.
void GraphSearch::find_constraints(size_t nodes) {
    const size_t words = (nodes + 63) / 64;
    constraints_.clear();
    for (size_t i = 0; i < (nodes + 1) * words; ++i) {
        constraints_.push(0);
    }
    for (size_t node = 0; node < nodes; ++node) {
        constraints_[nodes * words + node / 64] |= uint64_t{1} << node % 64;
    }
    ranks_.clear();
    for (Stamp stamp = 0; stamp <= count(); ++stamp) {
        ranks_.push(0);
    }
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        uint32_t rank = 0;
        for (Stamp at_store = stamp; at_store != 0 && at(stamp).kind == GraphKind::write;
             at_store = at(at_store).older) {
            ++rank;
            WEAVE_CHECK(rank <= count(), stamp);
        }
        ranks_[stamp] = rank;
    }
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        if (at(stamp).kind == GraphKind::read) {
            ranks_[stamp] = at(stamp).reads == 0 ? 0 : ranks_[at(stamp).reads];
        }
    }
    const auto constrain = [&](Stamp before, Stamp after) {
        const size_t first = node_of_[before];
        const size_t second = node_of_[after];
        if (first != second) {
            constraints_[second * words + first / 64] |= uint64_t{1} << first % 64;
        }
    };
    const auto happens_before = [](const GraphEvent& a, const GraphEvent& b) {
        return a.thread == b.thread ? a.index < b.index : a.epoch <= b.known.of[a.thread];
    };
    const auto is_access = [](const GraphEvent& event) {
        return event.kind == GraphKind::read || event.kind == GraphKind::write;
    };
    const Stamp* const all = old_order_.begin();
    const size_t size = old_order_.size();
    const bool has_fences = std::any_of(all, all + size, [&](Stamp stamp) {
        return at(stamp).kind == GraphKind::fence && at(stamp).is_sc;
    });
    for (size_t i = 0; i < size; ++i) {
        const GraphEvent& older = at(all[i]);
        if (!is_access(older) || (!older.is_sc && !older.is_bound && !has_fences)) {
            continue;
        }
        for (size_t j = 0; j < size; ++j) {
            const GraphEvent& newer = at(all[j]);
            if (!is_access(newer) || older.location != newer.location ||
                ranks_[all[i]] >= ranks_[all[j]]) {
                continue;
            }
            if ((older.is_sc && newer.is_sc) ||
                (older.is_bound && newer.kind == GraphKind::write)) {
                constrain(all[i], all[j]);
            }
            for (size_t k = 0; has_fences && k < size; ++k) {
                const GraphEvent& fence = at(all[k]);
                if (fence.kind != GraphKind::fence || !fence.is_sc) {
                    continue;
                }
                if (older.is_sc && happens_before(newer, fence)) {
                    constrain(all[i], all[k]);
                }
                if (!happens_before(fence, older)) {
                    continue;
                }
                if (newer.is_sc) {
                    constrain(all[k], all[j]);
                }
                for (size_t l = 0; l < size; ++l) {
                    const GraphEvent& second = at(all[l]);
                    if (l != k && second.kind == GraphKind::fence && second.is_sc &&
                        happens_before(newer, second)) {
                        constrain(all[k], all[l]);
                    }
                }
            }
        }
    }
}

}  // namespace weave
