// How much of the search is over, and the open graphs as bytes: what a search of another process
// continues with, and a part of it that is given away.
#include <algorithm>
#include <stdexcept>

#include "graph/graph_search.h"
#include "run/pack.h"

namespace weave {

/// The weight of an execution is shared by it and by the items that it has noted, one event after
/// the other: those of the first one get the larger parts, since what follows is explored for each
/// of them. Returns what is left for the execution itself.
double GraphSearch::share_weight() {
    for (size_t i = weighed_; i < items_.size();) {
        size_t end = i + 1;
        while (end < items_.size() && items_[end].stamp == items_[i].stamp) {
            ++end;
        }
        weight_ /= static_cast<double>(end - i + 1);
        for (; i < end; ++i) {
            items_[i].weight = weight_;
        }
    }
    weighed_ = items_.size();
    return weight_;
}

/// Takes an item off the top.
GraphSearch::Item GraphSearch::pop_item() {
    const Item item = items_.back();
    items_.pop();
    weighed_ = items_.size();
    weight_ = item.weight;
    return item;
}

void GraphSearch::clear() {
    while (!frames_.empty()) {
        pop_frame();
    }
    is_repeated_ = is_lost_ = is_finishing_ = is_over_ = false;
    was_blocked_ = was_dropped_ = wants_repeat_ = false;
    unsupported_ = nullptr;
    finished_ = 0;
    failed_ = threads_max;
    next_ = planned_ = 0;
    fresh_ = 1;
    done_ = 0;
    dropped_ = 0;
    weighed_ = 0;
    weight_ = 1;
}

void GraphSearch::prepare_anew() {
    symmetry_ = wanted_symmetry_;
    has_clock_ = wants_clock_;
    clear();
    has_begun_ = false;
}

bool GraphSearch::begin_anew() {
    prepare_anew();
    return begin();
}

// ----- as bytes ----------------------------------------------------------------------------------

namespace {

/// What a change of weave may change.
constexpr uint32_t layout = sizeof(GraphEvent) * 1000003u + graph_threads_max;

}  // namespace

bool GraphSearch::can_be_saved() {
    settle_last();
    return unsupported_ == nullptr && !wants_anew() && !is_repeated_ && failed_ == threads_max;
}

void GraphSearch::put_head(Packer& packer, bool is_cut) const {
    packer.put(layout);
    packer.put(is_cut);
    packer.put(wanted_symmetry_);
    packer.put(wants_clock_);
    packer.put(name_count_);
    packer.put_array(named_, graph_threads_max);
}

void GraphSearch::save(Packer& packer) const {
    put_head(packer, is_cut_);
    packer.put(uint64_t{frames_.size()});
    for (size_t i = 0; i < frames_.size(); ++i) {
        put_frame(packer, i);
        const size_t begin = frames_[i].items;
        const size_t end = i + 1 == frames_.size() ? items_.size() : frames_[i + 1].items;
        packer.put(uint64_t{end - begin});
        packer.put_array(items_.begin() + begin, end - begin);
    }
}

void GraphSearch::save_root(Packer& packer) const {
    put_head(packer, false);
    packer.put(uint64_t{0});
}

/// Its events and their order.
void GraphSearch::put_frame(Packer& packer, size_t frame) const {
    const Frame& begin = frames_[frame];
    const bool is_last = frame + 1 == frames_.size();
    const size_t events = (is_last ? events_.size() : frames_[frame + 1].events) - begin.events;
    const size_t order = (is_last ? order_.size() : frames_[frame + 1].order) - begin.order;
    packer.put(uint64_t{events});
    packer.put_array(events_.begin() + begin.events, events);
    packer.put(uint64_t{order});
    packer.put_array(order_.begin() + begin.order, order);
}

void GraphSearch::load(Unpacker& unpacker) {
    clear();
    if (unpacker.take<uint32_t>() != layout) {
        throw std::runtime_error("of another version of weave");
    }
    has_begun_ = true;
    is_cut_ = unpacker.take<bool>();
    symmetry_ = wanted_symmetry_ = unpacker.take<Symmetry>();
    has_clock_ = wants_clock_ = unpacker.take<bool>();
    name_count_ = unpacker.take<unsigned>();
    unpacker.take_array(named_, graph_threads_max);
    for (size_t frames = unpacker.take_count(); frames != 0; --frames) {
        const Frame frame{events_.size(), order_.size(), items_.size()};
        for (size_t i = unpacker.take_count(); i != 0; --i) {
            events_.push(unpacker.take<GraphEvent>());
        }
        for (size_t i = unpacker.take_count(); i != 0; --i) {
            order_.push(unpacker.take<Stamp>());
        }
        for (size_t i = unpacker.take_count(); i != 0; --i) {
            items_.push(unpacker.take<Item>());
        }
        begin_frame(frame);
    }
    if (frames_.empty()) {
        has_begun_ = false;
        return;
    }
    // What the last execution would have noted is noted already.
    is_over_ = true;
    weighed_ = items_.size();
    weight_ = 0;
}

/// An item needs only the graph that it is of.
void GraphSearch::save_item(size_t item, Packer& packer) const {
    size_t frame = frames_.size() - 1;
    while (frames_[frame].items > item) {
        --frame;
    }
    put_head(packer, false);
    packer.put(uint64_t{1});
    put_frame(packer, frame);
    packer.put(uint64_t{1});
    packer.put(items_[item]);
}

bool GraphSearch::give(Packer& packer, double weight_min) {
    // The oldest item is explored last.
    if (items_.empty() || items_[0].weight < weight_min) {
        return false;
    }
    save_item(0, packer);
    std::copy(items_.begin() + 1, items_.end(), items_.begin());
    items_.pop();
    weighed_ = items_.size();
    for (Frame& frame : frames_) {
        frame.items -= frame.items == 0 ? 0 : 1;
    }
    return true;
}

}  // namespace weave
