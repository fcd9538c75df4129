// When pushes and pops of a stamped history began and ended: sums and orders of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "fuzz/ready_queue/ready_queue_fates.h"

namespace fuzz {

/// Counts tasks up to a moment.
class Tally {
  public:
    void clear() { entries_.clear(); }
    void add(uint64_t stamp, uint64_t tasks) { entries_.push_back({stamp, tasks}); }

    /// Call once, after the last add() and before the first before().
    void sum_up() {
        std::sort(entries_.begin(), entries_.end());
        uint64_t sum = 0;
        for (auto& [stamp, tasks] : entries_) {
            tasks = sum += tasks;
        }
    }

    uint64_t before(uint64_t stamp) const {
        const auto after =
            std::lower_bound(entries_.begin(), entries_.end(), std::pair{stamp, uint64_t{0}});
        return after == entries_.begin() ? 0 : std::prev(after)->second;
    }

  private:
    std::vector<std::pair<uint64_t, uint64_t>> entries_;
};

/// The times of all pushes and pops. Keeps its memory from schedule to schedule. Not thread-safe.
class ReadyQueueTimes {
  public:
    /// Replaces what is known. All tasks have come out. Sorts the pushes by their ends.
    void collect(ReadyQueueFates& fates);

    /// Tasks whose calls had begun, or ended, before a stamp.
    const Tally& push_begins() const { return push_begins_; }
    const Tally& push_ends() const { return push_ends_; }
    const Tally& pop_begins() const { return pop_begins_; }
    const Tally& pop_ends() const { return pop_ends_; }

    const std::vector<const Fate*>& by_push_begin() const { return by_push_begin_; }

    /// The task whose pop ended first among those whose pushes began after `fate`'s returned; null
    /// if there is none.
    const Fate* first_out_of_later(const Fate& fate) const;

    /// A push that surely came before a pop, whose tasks came out only by pops that began after
    /// that pop ended; null if there is none.
    const Transfer* push_left_by(const ReadyThreadsEvent& pop) const;

  private:
    void collect_tallies(ReadyQueueFates& fates);
    void collect_order(const ReadyQueueFates& fates);
    void collect_last_out(ReadyQueueFates& fates);
    void collect_pushes_by_end(ReadyQueueFates& fates);
    size_t pushes_ended_before(uint64_t stamp) const;

    Tally push_begins_, push_ends_, pop_begins_, pop_ends_;
    std::vector<const Fate*> by_push_begin_;
    std::vector<const Fate*> first_out_;             ///< of by_push_begin_[i] and later
    const std::vector<Transfer>* pushes_ = nullptr;  ///< sorted by end
    std::vector<uint64_t> earliest_begin_;           ///< of pushes[i] and later
    std::vector<uint64_t> latest_out_before_;  ///< largest last_out of the pushes before pushes[i]
};

}  // namespace fuzz
