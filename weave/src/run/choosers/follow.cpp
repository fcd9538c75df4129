// Each thread has its own place in the list, so that what is new or gone in one does not move the
// others. Nothing here allocates while an execution runs.
#include "run/choosers/follow.h"

#include <algorithm>
#include <optional>

namespace weave {

namespace {

// A kept operation is taken for one that is gone if one of the next few of its thread fits.
constexpr unsigned gone_max = 4;

}  // namespace

FollowChooser::FollowChooser(Sight& sight, std::span<const KeptOperation> operations)
    : sight_(sight), operations_(operations) {
    size_t threads = 0;
    for (const KeptOperation& operation : operations) {
        threads = std::max<size_t>(threads, operation.thread + size_t{1});
    }
    next_.resize(threads);
}

bool FollowChooser::begin() {
    seen_ = 0;
    for (unsigned thread = 0; thread < next_.size(); ++thread) {
        next_[thread] = next_of(thread, 0);
    }
    // Never, and then 64, 32, ... 2 and again.
    drawn_one_in_ = execution_ == 0 ? 0 : 64u >> (execution_ - 1) % 6;
    random_ = Random(0, execution_++);
    return true;
}

size_t FollowChooser::next_of(unsigned thread, size_t begin) const {
    for (size_t i = begin; i < operations_.size(); ++i) {
        if (operations_[i].thread == thread) {
            return i;
        }
    }
    return none;
}

/// Passes the kept operations that have happened since the last call.
void FollowChooser::look() {
    const std::span<const Event> events = sight_.events();
    for (; seen_ < events.size(); ++seen_) {
        const Event& event = events[seen_];
        if (event.thread >= next_.size() || !is_kept(event.kind)) {
            continue;
        }
        size_t at = next_[event.thread];
        for (unsigned skipped = 0; at != none && skipped < gone_max; ++skipped) {
            if (operations_[at].kind == event.kind) {
                next_[event.thread] = next_of(event.thread, at + 1);
                break;
            }
            at = next_of(event.thread, at + 1);
        }
    }
}

unsigned FollowChooser::choose_thread(const Turn& turn) {
    look();
    if (is_drawn()) {
        return random_.below(turn.count());
    }
    unsigned best = 0;
    size_t first = none;
    for (unsigned i = 0; i < turn.count(); ++i) {
        const unsigned thread = turn.thread(i);
        const size_t at = thread < next_.size() ? next_[thread] : none;
        if (at < first) {
            best = i;
            first = at;
        }
    }
    return best;
}

unsigned FollowChooser::choose(Alternative kind, unsigned count) {
    look();
    if (is_drawn()) {
        return random_.below(count);
    }
    const unsigned thread = sight_.current();
    const size_t at = thread < next_.size() ? next_[thread] : none;
    if (kind != Alternative::store || at == none || !operations_[at].reads) {
        return 0;
    }
    const KeptOperation& operation = operations_[at];
    const std::optional<unsigned> wanted = sight_.alternative_of(
        {operation.writer, Point::Kind::write, operation.number, sight_.pending(thread).object});
    return wanted && *wanted < count ? *wanted : 0;
}

}  // namespace weave
