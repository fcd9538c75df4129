// The platform and the mailbox size that a schedule chooses.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/platforms.h"

namespace fuzz {

/// Slots of a mailbox that is small enough to be full often.
inline constexpr uint32_t small_mailbox_capacity = 32;

/// What the contract says about a platform. Oracles go by this and not by the product, which may be
/// wrong.
struct PlatformContract {
    std::string_view name;
    uint32_t mailbox_capacity;
};

inline constexpr std::array<PlatformContract, pto::platform_count> platform_contracts = {
    {{"a2a3", 4096}, {"a5", 4096}}};

static_assert(std::equal(platform_contracts.begin(), platform_contracts.end(),
                         pto::platform_names.begin(), pto::platform_names.end(),
                         [](const PlatformContract& contract, std::string_view name) {
                             return contract.name == name;
                         }),
              "a platform without a contract");

struct PlatformChoice {
    uint32_t platform;  ///< index into pto::Platforms
    bool has_small_mailbox;

    const PlatformContract& contract() const { return platform_contracts[platform]; }
    std::string name() const { return std::string(contract().name); }
    /// Slots of the mailbox.
    uint32_t mailbox_capacity() const {
        return has_small_mailbox ? small_mailbox_capacity : contract().mailbox_capacity;
    }
};

/// Bits 1 and 2 of a header byte choose the small mailbox, the others the platform.
constexpr PlatformChoice decode_platform(uint8_t byte) {
    const uint32_t platform = (byte & 1u) | (uint32_t{byte} >> 3 << 1);
    return {platform % static_cast<uint32_t>(pto::platform_count), (byte & 6) != 0};
}

}  // namespace fuzz
