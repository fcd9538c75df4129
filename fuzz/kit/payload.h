// What the messages of a schedule carry. Payloads are a function of a message's number, so a
// schedule needs no bytes for them, and any mix-up of two messages shows in every field.
#pragma once

#include <cstdint>
#include <vector>

#include "src/runtime/aicore_completion_mailbox_types.h"

namespace fuzz {

/// Numbers that differ in all bits for neighbouring arguments (D. Lea's and G. Steele's
/// SplitMix64 finaliser).
constexpr uint64_t mix(uint64_t value) {
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/// The token of message `number`; differs for all numbers, in the upper half too.
constexpr uint64_t token_of(uint32_t number) { return number * 0x9e3779b97f4a7c15u; }

/// The address of the task's slot that a registration carries whose first condition is message
/// `number`.
constexpr uint64_t slot_state_of(uint32_t number) { return mix(~uint64_t{number}); }

/// Payloads repeat after this many messages: twice the largest ring, so that a stale slot of the
/// previous lap holds another payload. Tokens do not repeat at all.
inline constexpr uint32_t payload_period = 8192;

/// The longest run of consecutive payloads that a bulk push may take.
inline constexpr uint32_t payload_run_max = 4352;

/// The payload of message `number`, followed by those of the next payload_run_max - 1 messages, as
/// the array that a bulk push takes. The first two of the period are all zeros and all ones.
inline const pto::DeferredCompletionEntry* payload_of(uint32_t number) {
    static const std::vector<pto::DeferredCompletionEntry> payloads = [] {
        std::vector<pto::DeferredCompletionEntry> all(payload_period + payload_run_max);
        for (uint32_t i = 2; i < payload_period; ++i) {
            const uint64_t bits = mix(i);
            all[i] = {mix(bits),
                      mix(~bits),
                      static_cast<uint32_t>(bits),
                      static_cast<uint32_t>(bits >> 32),
                      static_cast<int32_t>(static_cast<uint32_t>(mix(bits) >> 16)),
                      0};
        }
        all[1] = {~uint64_t{0}, ~uint64_t{0}, ~uint32_t{0}, ~uint32_t{0}, -1, 0};
        for (uint32_t i = 0; i < payload_run_max; ++i) {
            all[payload_period + i] = all[i];
        }
        return all;
    }();
    return &payloads[number % payload_period];
}

}  // namespace fuzz
