// The identity of a task: which ring it lives in, and its number in that ring.
#pragma once

#include <cstdint>

namespace pto {

/// A task's id, one 64-bit word: ring in the upper half, number within the ring in the lower.
///
/// Converts to and from the raw word on purpose: messages, tokens and adopters' code carry the id
/// as a plain integer, and comparing ids is comparing words. Trivially copyable; thread-agnostic.
struct PTO2TaskId {
    uint64_t raw;

    PTO2TaskId() = default;
    constexpr PTO2TaskId(uint64_t raw_value) noexcept : raw(raw_value) {}
    constexpr operator uint64_t() const noexcept { return raw; }

    static constexpr PTO2TaskId make(uint32_t ring, uint32_t local) noexcept {
        return PTO2TaskId(uint64_t{ring} << 32 | local);
    }
    static constexpr PTO2TaskId invalid() noexcept { return PTO2TaskId(~uint64_t{0}); }

    constexpr uint32_t ring() const noexcept { return static_cast<uint32_t>(raw >> 32); }
    constexpr uint32_t local() const noexcept { return static_cast<uint32_t>(raw); }
    constexpr bool is_valid() const noexcept { return raw != ~uint64_t{0}; }
};

static_assert(sizeof(PTO2TaskId) == 8);

}  // namespace pto
