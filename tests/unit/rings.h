// What the mailbox tests share: rings on the heap, messages that carry a number in every field,
// and pops that return a value.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/with_ring_of.h"
#include "src/runtime/mailbox.h"

namespace mailproof::test {

using pto::sim::WithRingOf;

/// Names the instances of a typed suite after the platform. CMake's test discovery understands only
/// names that end in a number, from which it makes MailboxTest.some_case<pto::a2a3::Platform>.
struct PlatformName {
    template <class Platform>
    static std::string GetName(int) {
        return std::string(Platform::name) + "/0";
    }
};

/// A zero-filled ring; it is too large for a stack.
template <uint32_t Capacity>
std::unique_ptr<pto::AICoreCompletionMailbox<Capacity>> make_ring() {
    return std::make_unique<pto::AICoreCompletionMailbox<Capacity>>();
}

/// Spreads a number over 64 bits, so that every field of a message differs and a torn one shows.
constexpr uint64_t spread(uint64_t number) { return (number + 1) * 0x9E3779B97F4A7C15u; }

constexpr pto::AICoreCompletionMsgView numbered_condition(uint64_t number) {
    const uint64_t bits = spread(number);
    return {pto::PTO2TaskId(number),
            bits,
            static_cast<uint32_t>(bits >> 8),
            static_cast<uint32_t>(bits >> 16),
            static_cast<int32_t>(bits >> 33),
            0,
            ~bits};
}

template <class Ring>
bool push_numbered(Ring& ring, uint64_t number) {
    const pto::AICoreCompletionMsgView m = numbered_condition(number);
    return ring.try_push_condition(m.task_token, m.addr, m.backend_cookie, m.expected_value,
                                   m.engine, m.completion_type);
}

inline pto::DeferredCompletionEntry numbered_entry(uint64_t number) {
    const pto::AICoreCompletionMsgView m = numbered_condition(number);
    return {m.addr, m.backend_cookie, m.expected_value, m.engine, m.completion_type, 0};
}

/// Entries numbered from `first`, for a bulk push.
inline std::vector<pto::DeferredCompletionEntry> numbered_entries(uint64_t first, uint32_t n) {
    std::vector<pto::DeferredCompletionEntry> entries;
    for (uint32_t i = 0; i < n; ++i) {
        entries.push_back(numbered_entry(first + i));
    }
    return entries;
}

/// Does a message carry exactly the fields of that number? The token is not compared: a bulk push
/// has one for all.
inline ::testing::AssertionResult carries(const pto::AICoreCompletionMsgView& m, uint64_t number) {
    const pto::AICoreCompletionMsgView expected = numbered_condition(number);
    if (m.addr == expected.addr && m.backend_cookie == expected.backend_cookie &&
        m.expected_value == expected.expected_value && m.engine == expected.engine &&
        m.completion_type == expected.completion_type && m.kind == expected.kind) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << "not message " << number << ": addr " << m.addr << ", cookie " << m.backend_cookie
           << ", expected value " << m.expected_value << ", engine " << m.engine << ", type "
           << m.completion_type << ", kind " << m.kind;
}

/// A condition as a registration hands it out.
struct CopiedCondition {
    pto::DeferredCompletionEntry fields;

    static CopiedCondition of_entry(const pto::DeferredCompletionEntry& source) { return {source}; }
};

/// Takes what a ring hands out: the conditions of registrations, and messages as conditions too.
struct Consumed {
    std::vector<uint64_t> tokens;
    std::vector<uint64_t> slot_addresses;  ///< of registrations
    std::vector<CopiedCondition> conditions;

    bool operator()(const pto::AICoreCompletionMsgView& m) {
        tokens.push_back(m.task_token.raw);
        conditions.push_back(CopiedCondition::of_entry(
            {m.addr, m.backend_cookie, m.expected_value, m.engine, m.completion_type, 0}));
        return true;
    }
    bool operator()(const pto::AICoreCompletionRegistration& registration) {
        tokens.push_back(registration.task_token().raw);
        slot_addresses.push_back(registration.slot_state_addr());
        const size_t before = conditions.size();
        conditions.resize(before + registration.condition_count());
        registration.copy_conditions(conditions.data() + before);
        return true;
    }
};

/// Are the conditions numbered from `first` on, with no field torn?
inline ::testing::AssertionResult are_numbered(const std::vector<CopiedCondition>& conditions,
                                               uint64_t first) {
    for (const CopiedCondition& condition : conditions) {
        const pto::DeferredCompletionEntry& c = condition.fields;
        const auto carried = carries({pto::PTO2TaskId{}, c.addr, c.expected_value, c.engine,
                                      c.completion_type, pto::MSG_KIND_CONDITION, c.backend_cookie},
                                     first++);
        if (!carried) {
            return carried;
        }
    }
    return ::testing::AssertionSuccess();
}

template <class Ring>
std::optional<pto::AICoreCompletionMsgView> pop(Ring& ring) {
    pto::AICoreCompletionMsgView message;
    return ring.try_pop(message) ? std::optional(message) : std::nullopt;
}

/// Pops until nothing is left. A broken ring that never ends is cut off at twice its capacity.
template <class Ring>
std::vector<pto::AICoreCompletionMsgView> pop_all(Ring& ring) {
    std::vector<pto::AICoreCompletionMsgView> all;
    while (all.size() < 2 * Ring::capacity) {
        const auto message = pop(ring);
        if (!message) {
            break;
        }
        all.push_back(*message);
    }
    return all;
}

}  // namespace mailproof::test
