// What travels through every queue under measurement, and the check that all of it arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "src/runtime/aicore_completion_mailbox_types.h"
#include "src/runtime/mailbox.h"

namespace bench {

/// Slots of every bounded queue: those of the mailbox that ships.
inline constexpr uint32_t capacity = pto::AICORE_COMPLETION_MAILBOX_CAPACITY;
/// Conditions of the longest task, which is also the batch of the batched cases.
inline constexpr uint32_t conditions_per_task = pto::MAX_COMPLETIONS_PER_TASK;
/// The messages of such a task: its conditions and its NORMAL_DONE.
inline constexpr uint32_t messages_per_burst = conditions_per_task + 1;

/// The message as the peers carry it: the fields of the mailbox's own slot, and its size.
struct alignas(64) Message {
    uint64_t token;  ///< which producer
    uint64_t addr;   ///< how many messages this producer pushed before
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    unsigned char padding[32];
};
static_assert(sizeof(Message) == sizeof(pto::AICoreCompletionMailboxMessage));

/// What a condition expects: depends on the whole message, so that one mixed from two others is
/// noticed. A NORMAL_DONE has no such field, and carries 0.
constexpr uint32_t stamp(uint64_t token, uint64_t sequence, uint32_t kind) {
    const uint32_t mixed = static_cast<uint32_t>(sequence * 2654435761U + token);
    return kind == pto::MSG_KIND_CONDITION ? mixed : 0;
}

constexpr Message make_message(uint64_t token, uint64_t sequence, uint32_t kind) {
    return {token,
            sequence,
            stamp(token, sequence, kind),
            pto::COMPLETION_ENGINE_SDMA,
            pto::COMPLETION_TYPE_COUNTER,
            kind,
            {}};
}

constexpr pto::DeferredCompletionEntry make_entry(uint64_t token, uint64_t sequence) {
    return {sequence,
            0,
            stamp(token, sequence, pto::MSG_KIND_CONDITION),
            pto::COMPLETION_ENGINE_SDMA,
            pto::COMPLETION_TYPE_COUNTER,
            0};
}

/// Checks every message that a consumer takes. One thread. Cheap, because its time is part of every
/// measurement.
class StreamChecker {
  public:
    /// Expects messages of `producers` producers, whose tokens and sequences count from 0.
    explicit StreamChecker(uint32_t producers) : next_(producers) {}

    void accept(std::span<const Message> messages) {
        bool is_known = true;
        bool is_next = true;
        uint64_t sum = 0;
        for (const Message& m : messages) {
            const uint64_t token = std::min<uint64_t>(m.token, next_.size() - 1);
            is_known &= m.token == token && m.expected_value == stamp(m.token, m.addr, m.kind);
            is_next &= m.addr == next_[token];
            next_[token] = m.addr + 1;
            sum += m.addr;
        }
        are_known_ &= is_known;
        in_order_ &= is_next;
        count_ += messages.size();
        sum_ += sum;
    }

    /// Throws std::runtime_error unless every message arrived once, and nothing else did. `pushed`
    /// says how many each producer pushed.
    void finish(std::span<const uint64_t> pushed) const {
        if (!are_known_) {
            throw std::runtime_error("a message arrived that no producer pushed");
        }
        uint64_t count = 0;
        uint64_t sum = 0;
        for (const uint64_t n : pushed) {
            count += n;
            sum += n * (n - 1) / 2;
        }
        if (count_ != count || sum_ != sum) {
            throw std::runtime_error("a message was lost or arrived twice");
        }
    }

    /// Did each producer's messages arrive in the order in which it pushed them?
    bool in_order() const { return in_order_; }

  private:
    std::vector<uint64_t> next_;  ///< by token: the sequence number that should come next
    uint64_t count_ = 0;
    uint64_t sum_ = 0;
    bool are_known_ = true;
    bool in_order_ = true;
};

}  // namespace bench
