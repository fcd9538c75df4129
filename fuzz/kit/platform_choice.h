// The platform and the mailbox size that a schedule chooses, and an object for each choice.
#pragma once

#include <cstdint>
#include <string>

#include "src/platforms.h"

namespace fuzz {

/// A platform with a mailbox small enough to be full often.
template <class Platform>
struct WithSmallMailbox : Platform {
    static constexpr uint32_t mailbox_capacity = 32;
};

struct PlatformChoice {
    uint32_t platform;  ///< index into pto::Platforms
    bool has_small_mailbox;

    std::string name() const { return std::string(pto::platform_names[platform]); }

    /// Slots of the mailbox.
    uint32_t mailbox_capacity() const {
        return pto::for_platform(platform, [this]<class Platform>() {
            return has_small_mailbox ? WithSmallMailbox<Platform>::mailbox_capacity
                                     : Platform::mailbox_capacity;
        });
    }

    /// Whether the platform knows conditions that wait for SDMA records.
    bool has_records() const {
        return pto::for_platform(
            platform, []<class Platform>() { return bool{Platform::has_sdma_event_record}; });
    }
};

/// Bits 1 and 2 of a header byte choose the small mailbox, the others the platform.
constexpr PlatformChoice decode_platform(uint8_t byte) {
    const uint32_t platform = (byte & 1u) | (uint32_t{byte} >> 3 << 1);
    return {platform % static_cast<uint32_t>(pto::platform_count), (byte & 6) != 0};
}

/// One Bench<Platform> for each platform and mailbox size, each default-constructed.
template <template <class> class Bench>
class PerPlatformChoice {
  public:
    /// Calls `visit(Bench<Platform>&)` for the chosen one.
    template <class Visit>
    void at(const PlatformChoice& choice, Visit&& visit) {
        if (choice.has_small_mailbox) {
            small_.at(choice.platform, visit);
        } else {
            full_size_.at(choice.platform, visit);
        }
    }

  private:
    template <class Platform>
    using SmallBench = Bench<WithSmallMailbox<Platform>>;

    pto::PerPlatform<Bench> full_size_;
    pto::PerPlatform<SmallBench> small_;
};

}  // namespace fuzz
