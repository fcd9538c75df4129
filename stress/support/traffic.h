// Messages that tell where they come from, and the check that all of them arrive.
//
// A message's `addr` holds the round, the producer and the producer's count of messages; the other
// fields follow from it, so that a field of another message, or of an earlier round, shows.
#pragma once

#include <cinttypes>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/runtime/mailbox.h"
#include "stress/support/run.h"

namespace stress {

/// Messages of one push at most: a bulk push gives all of them the token of its first.
inline constexpr uint32_t bulk_max = 32;

/// Which message this is. `number` counts a producer's messages in this round, from 0.
struct Origin {
    uint64_t round;
    uint32_t producer;
    uint32_t number;

    bool operator==(const Origin&) const = default;

    uint64_t word() const { return (round & 0xffff) << 48 | uint64_t{producer} << 32 | number; }

    static Origin of(uint64_t word) {
        return {word >> 48, static_cast<uint32_t>(word >> 32) & 0xffff,
                static_cast<uint32_t>(word)};
    }
};

/// The message of an origin, as a condition.
inline pto::DeferredCompletionEntry entry_of(const Origin& origin) {
    const uint64_t word = origin.word();
    // Any mixture is good in which each field depends on the whole word.
    const uint64_t mixed = (word ^ word >> 23) * 0x2545f4914f6cdd1d + 1;
    return {.addr = word,
            .backend_cookie = mixed ^ word,
            .expected_value = static_cast<uint32_t>(mixed >> 32) | 1,
            .engine = static_cast<uint32_t>(mixed >> 16),
            .completion_type = static_cast<int32_t>(mixed >> 8),
            .pad = 0};
}

/// Every fourth message is a NORMAL_DONE, unless it is pushed in bulk.
inline bool is_normal_done(const Origin& origin) { return origin.number % 4 == 3; }

/// Pushes one message. False when the ring is full.
template <class Mailbox>
bool try_push(Mailbox& mailbox, const Origin& origin) {
    const pto::DeferredCompletionEntry entry = entry_of(origin);
    if (is_normal_done(origin)) {
        return mailbox.try_push_normal_done(origin.word(), entry.addr);
    }
    return mailbox.try_push_condition(origin.word(), entry.addr, entry.backend_cookie,
                                      entry.expected_value, entry.engine, entry.completion_type);
}

/// The consumer's view of the traffic of one round: nothing lost, duplicated, torn or invented, and
/// each producer's messages in its order. Used by one consumer at a time.
class Arrivals {
  public:
    Arrivals(Run& run, uint32_t producers) : run_(run), next_(producers) {}

    /// Checks the message that was popped next.
    void accept(const pto::AICoreCompletionMsgView& message) {
        const Origin origin = Origin::of(message.addr);
        if (origin.round != (run_.round() & 0xffff) || origin.producer >= next_.size()) {
            run_.fail(Verdict::invented,
                      "a message arrived with addr %#" PRIx64
                      ", which no producer of this round has",
                      message.addr);
        }
        check_fields(message, origin);
        check_order(origin);
        ++arrived_;
    }

    /// Checks that what arrived is what was pushed: `pushed[p]` messages of producer p.
    void finish(const std::vector<uint32_t>& pushed) {
        if (gap_) {
            run_.fail(Verdict::lost,
                      "message %" PRIu32 " of producer %" PRIu32 " never arrived, though %" PRIu32
                      " did",
                      gap_->number, gap_->producer, gap_end_);
        }
        for (uint32_t producer = 0; producer < next_.size(); ++producer) {
            if (next_[producer] < pushed[producer]) {
                run_.fail(Verdict::lost,
                          "message %" PRIu32 " of producer %" PRIu32
                          " never arrived; it pushed %" PRIu32,
                          next_[producer], producer, pushed[producer]);
            }
            if (next_[producer] > pushed[producer]) {
                run_.fail(Verdict::invented,
                          "producer %" PRIu32 " pushed %" PRIu32 " messages, and %" PRIu32
                          " arrived",
                          producer, pushed[producer], next_[producer]);
            }
        }
    }

    uint64_t arrived() const { return arrived_; }

  private:
    void check_fields(const pto::AICoreCompletionMsgView& message, const Origin& origin) {
        const pto::DeferredCompletionEntry sent = entry_of(origin);
        const bool is_done = message.kind == pto::MSG_KIND_TASK_NORMAL_DONE;
        const bool is_kind_right =
            is_done ? is_normal_done(origin) : message.kind == pto::MSG_KIND_CONDITION;
        if (!is_kind_right || message.backend_cookie != (is_done ? 0 : sent.backend_cookie) ||
            message.expected_value != (is_done ? 0 : sent.expected_value) ||
            message.engine != (is_done ? 0 : sent.engine) ||
            message.completion_type != (is_done ? 0 : sent.completion_type) ||
            !is_token_right(message.task_token, origin)) {
            run_.fail(Verdict::torn,
                      "message %" PRIu32 " of producer %" PRIu32 " arrived as token %#" PRIx64
                      ", cookie %#" PRIx64 ", value %#" PRIx32 ", engine %#" PRIx32
                      ", type %#" PRIx32 ", kind %" PRIu32 "; it was pushed with cookie %#" PRIx64
                      ", value %#" PRIx32 ", engine %#" PRIx32 ", type %#" PRIx32,
                      origin.number, origin.producer, message.task_token.raw,
                      message.backend_cookie, message.expected_value, message.engine,
                      static_cast<uint32_t>(message.completion_type), message.kind,
                      sent.backend_cookie, sent.expected_value, sent.engine,
                      static_cast<uint32_t>(sent.completion_type));
        }
    }

    static bool is_token_right(uint64_t token, const Origin& origin) {
        const Origin first = Origin::of(token);
        return first.round == origin.round && first.producer == origin.producer &&
               origin.number - first.number < bulk_max;
    }

    // A gap is a loss or a message that comes late; the rest of the round tells which.
    void check_order(const Origin& origin) {
        uint32_t& next = next_[origin.producer];
        if (origin.number < next) {
            const bool is_late = gap_ && gap_->producer == origin.producer &&
                                 gap_->number <= origin.number && origin.number < gap_end_;
            run_.fail(is_late ? Verdict::reordered : Verdict::duplicated,
                      "message %" PRIu32 " of producer %" PRIu32 " arrived %s: %" PRIu32
                      " had arrived before it",
                      origin.number, origin.producer, is_late ? "late" : "a second time", next - 1);
        }
        if (origin.number > next && !gap_) {
            gap_ = Origin{origin.round, origin.producer, next};
            gap_end_ = origin.number;
        }
        next = origin.number + 1;
    }

    Run& run_;
    std::vector<uint32_t> next_;
    std::optional<Origin> gap_;
    uint32_t gap_end_ = 0;
    uint64_t arrived_ = 0;
};

/// Checks how much fits into an empty, quiescent ring: its capacity, and not one message more.
/// Leaves it empty.
template <class Mailbox>
void check_room(Run& run, Mailbox& mailbox) {
    uint32_t pushed = 0;
    while (pushed <= Mailbox::capacity && try_push(mailbox, {run.round(), 0, pushed})) {
        ++pushed;
    }
    if (pushed != Mailbox::capacity) {
        run.fail(pushed < Mailbox::capacity ? Verdict::refused_with_room : Verdict::overfull,
                 "an empty ring of %" PRIu32 " slots took %" PRIu32 " messages", Mailbox::capacity,
                 pushed);
    }
    Arrivals arrivals(run, 1);
    pto::AICoreCompletionMsgView message;
    while (mailbox.try_pop(message)) {
        arrivals.accept(message);
    }
    arrivals.finish({pushed});
    if (mailbox.has_pending()) {
        run.fail(Verdict::left_over, "an empty quiescent ring says that it has a message");
    }
}

/// A first ticket for a round: anywhere, often so that the cursors wrap in it.
inline uint64_t first_ticket(Random& random) {
    return random.one_in(2) ? uint64_t{0} - random.below(5000) : random.next();
}

}  // namespace stress
