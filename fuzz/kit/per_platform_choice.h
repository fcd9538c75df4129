// A runner's objects, one for each platform and mailbox size that a schedule can choose.
#pragma once

#include "fuzz/kit/platform_choice.h"
#include "sim/with_ring_of.h"
#include "src/platforms.h"

namespace fuzz {

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
    using SmallBench = Bench<pto::sim::WithRingOf<Platform, small_mailbox_capacity>>;

    pto::PerPlatform<Bench> full_size_;
    pto::PerPlatform<SmallBench> small_;
};

}  // namespace fuzz
