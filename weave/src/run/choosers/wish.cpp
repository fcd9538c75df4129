// Nothing here allocates while an execution runs.
#include "run/choosers/wish.h"

#include <span>
#include <utility>

namespace weave {

WishChooser::WishChooser(Sight& sight, const uint8_t* bytes, size_t size,
                         const std::vector<ReadWish>& wishes)
    : sight_(sight), bytes_(bytes, size) {
    for (const ReadWish& wish : wishes) {
        wishes_.push_back({.asked = wish});
    }
}

bool WishChooser::begin() {
    seen_ = 0;
    for (Wish& wish : wishes_) {
        wish = {.asked = wish.asked};
    }
    return bytes_.begin();
}

/// Counts the reads since the last call.
void WishChooser::look() {
    const std::span<const Event> events = sight_.events();
    for (; seen_ < events.size(); ++seen_) {
        const Event& event = events[seen_];
        if (!reads_atomic(event.kind)) {
            continue;
        }
        for (Wish& wish : wishes_) {
            wish.reads += wish.asked.thread == event.thread ? 1 : 0;
        }
    }
}

bool WishChooser::waits_to_read(const Wish& wish, const Turn& turn) const {
    const unsigned thread = wish.asked.thread;
    if (!is_next(wish) || thread >= threads_max || !turn.enabled.contains(thread)) {
        return false;
    }
    const OperationKind kind = turn.pending[thread].kind;
    return kind == OperationKind::load || kind == OperationKind::rmw;
}

std::optional<unsigned> WishChooser::alternative_of(const Wish& wish, uintptr_t object) {
    return sight_.alternative_of(
        {static_cast<uint16_t>(wish.asked.writer), Point::Kind::write, wish.asked.store, object});
}

/// The wish whose store is there, after its thread has waited for it; or null.
WishChooser::Wish* WishChooser::come_true(const Turn& turn) {
    for (Wish& wish : wishes_) {
        if (wish.is_held && waits_to_read(wish, turn) &&
            alternative_of(wish, turn.pending[wish.asked.thread].object)) {
            return &wish;
        }
    }
    return nullptr;
}

/// Takes the threads that wait for a store from `others`; none if that leaves no thread.
void WishChooser::hold(const Turn& turn, ThreadSet& others) {
    for (Wish& wish : wishes_) {
        // The initial value is always there.
        wish.is_held = wish.asked.store != 0 && wish.held_turns < held_turns_max &&
                       waits_to_read(wish, turn) &&
                       !alternative_of(wish, turn.pending[wish.asked.thread].object);
        if (wish.is_held) {
            ++wish.held_turns;
            others.remove(wish.asked.thread);
        }
    }
    if (others.is_empty()) {
        others = turn.enabled;
        for (Wish& wish : wishes_) {
            wish.held_turns = std::exchange(wish.is_held, false) ? held_turns_max : wish.held_turns;
        }
    }
}

unsigned WishChooser::choose_thread(const Turn& turn) {
    look();
    const bool takes_byte = !sight_.take_extra_turn();
    if (Wish* const wish = come_true(turn); wish != nullptr) {
        wish->is_held = false;
        wish->held_turns = held_turns_max;
        if (takes_byte) {
            bytes_.choose_thread(turn);
        }
        return turn.index_of(wish->asked.thread);
    }
    Turn rest = turn;
    hold(turn, rest.enabled);
    const unsigned index = takes_byte ? bytes_.choose_thread(rest) : 0;
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): hold() leaves a thread.
    return turn.index_of(rest.thread(index % rest.count()));
}

unsigned WishChooser::choose(Alternative kind, unsigned count) {
    const unsigned planned = bytes_.choose(kind, count);
    if (kind != Alternative::store) {
        return planned;
    }
    look();
    const unsigned thread = sight_.current();
    for (const Wish& wish : wishes_) {
        if (wish.asked.thread != thread || !is_next(wish)) {
            continue;
        }
        const std::optional<unsigned> wanted = alternative_of(wish, sight_.pending(thread).object);
        if (wanted && *wanted < count) {
            return *wanted;
        }
    }
    return planned;
}

}  // namespace weave
