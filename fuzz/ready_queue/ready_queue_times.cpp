// Sums and orders of calls on real threads; see the header.
#include "fuzz/ready_queue/ready_queue_times.h"

namespace fuzz {
namespace {

template <class Time>
void fill(Tally& tally, const std::vector<Transfer>& transfers, Time&& time) {
    tally.clear();
    for (const Transfer& transfer : transfers) {
        tally.add(time(*transfer.event), transfer.event->result);
    }
    tally.sum_up();
}

}  // namespace

void ReadyQueueTimes::collect(ReadyQueueFates& fates) {
    collect_tallies(fates);
    collect_order(fates);
    collect_last_out(fates);
    collect_pushes_by_end(fates);
}

void ReadyQueueTimes::collect_tallies(ReadyQueueFates& fates) {
    const auto begin = [](const ReadyThreadsEvent& event) { return event.begin; };
    const auto end = [](const ReadyThreadsEvent& event) { return event.end; };
    fill(push_begins_, fates.pushes(), begin);
    fill(push_ends_, fates.pushes(), end);
    fill(pop_begins_, fates.pops(), begin);
    fill(pop_ends_, fates.pops(), end);
}

void ReadyQueueTimes::collect_order(const ReadyQueueFates& fates) {
    std::vector<const Fate*>& ordered = by_push_begin_;
    ordered.clear();
    fates.for_each([&](const Fate& fate) { ordered.push_back(&fate); });
    std::sort(ordered.begin(), ordered.end(),
              [](const Fate* a, const Fate* b) { return a->push->begin < b->push->begin; });
    first_out_ = ordered;
    for (size_t i = ordered.size(); i-- > 1;) {
        const Fate* const next = first_out_[i];
        if (next->pop->end < ordered[i - 1]->pop->end) {
            first_out_[i - 1] = next;
        }
    }
}

/// Pushes are still in the order of their tasks.
void ReadyQueueTimes::collect_last_out(ReadyQueueFates& fates) {
    size_t index = 0;
    fates.for_each([&](const Fate& fate) {
        while (fates.pushes()[index].event != fate.push) {
            ++index;
        }
        uint64_t& last_out = fates.pushes()[index].last_out;
        last_out = std::max(last_out, fate.pop->begin);
    });
}

void ReadyQueueTimes::collect_pushes_by_end(ReadyQueueFates& fates) {
    std::vector<Transfer>& pushes = fates.pushes();
    pushes_ = &pushes;
    std::sort(pushes.begin(), pushes.end(),
              [](const Transfer& a, const Transfer& b) { return a.event->end < b.event->end; });
    latest_out_before_.assign(1, 0);
    for (const Transfer& push : pushes) {
        latest_out_before_.push_back(std::max(latest_out_before_.back(), push.last_out));
    }
    earliest_begin_.assign(pushes.size() + 1, ~uint64_t{0});
    for (size_t i = pushes.size(); i-- > 0;) {
        earliest_begin_[i] = std::min(earliest_begin_[i + 1], pushes[i].event->begin);
    }
}

const Fate* ReadyQueueTimes::first_out_of_later(const Fate& fate) const {
    const auto later = std::upper_bound(
        by_push_begin_.begin(), by_push_begin_.end(), fate.push->end,
        [](uint64_t stamp, const Fate* other) { return stamp < other->push->begin; });
    return later == by_push_begin_.end()
               ? nullptr
               : first_out_[static_cast<size_t>(later - by_push_begin_.begin())];
}

/// The number of pushes that had returned at that time.
size_t ReadyQueueTimes::pushes_ended_before(uint64_t stamp) const {
    return static_cast<size_t>(
        std::partition_point(pushes_->begin(), pushes_->end(),
                             [&](const Transfer& p) { return p.event->end < stamp; }) -
        pushes_->begin());
}

const Transfer* ReadyQueueTimes::push_left_by(const ReadyThreadsEvent& pop) const {
    const uint64_t oldest_unfinished = earliest_begin_[pushes_ended_before(pop.begin)];
    const size_t surely_before = pushes_ended_before(std::min(pop.begin, oldest_unfinished));
    if (latest_out_before_[surely_before] <= pop.end) {
        return nullptr;
    }
    return &*std::find_if(pushes_->begin(), pushes_->end(),
                          [&](const Transfer& p) { return p.last_out > pop.end; });
}

}  // namespace fuzz
