// The end of a run, as far as the cores are concerned: each is told to leave, and says when it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core_interface.h"
#include "core_register.h"
#include "pto_assert.h"

namespace pto {

/// Ends all cores of a run. Used by one thread, when no other uses a core any more.
class CoreExit {
  public:
    explicit CoreExit(CoreInterface& cores) : cores_(cores) {
        silent_.reserve(size_t{cores.cluster_count()} * CORES_PER_CLUSTER);
    }

    /// Tells all cores to leave before it waits for any, for `limit_ns` in all; a core for which
    /// is_given_up(core) is true has had that time already, and is only looked at. A core that has
    /// left is told to be idle, for the next run; the others stay told to leave. Returns whether
    /// all have left. `thread` is the caller's number.
    template <class IsGivenUp>
    bool end_cores(uint32_t thread, uint64_t limit_ns, IsGivenUp&& is_given_up) noexcept {
        const uint32_t count = cores_.cluster_count() * CORES_PER_CLUSTER;
        for (uint32_t core = 0; core < count; ++core) {
            cores_.ring_doorbell(core, AICORE_DOORBELL_EXIT);
        }
        const uint64_t begin_ns = cores_.now_ns();
        for (uint32_t core = 0; core < count; ++core) {
            if (waits_for(core, thread, begin_ns, is_given_up(core) ? 0 : limit_ns)) {
                cores_.ring_doorbell(core, AICORE_DOORBELL_IDLE);
            } else {
                PTO_ASSERT(silent_.size() < silent_.capacity(), silent_.size());
                silent_.push_back(core);
            }
        }
        return silent_.empty();
    }

    /// The cores that did not answer, in ascending order. For the thread that called end_cores(),
    /// and when quiescent.
    const std::vector<uint32_t>& silent() const noexcept { return silent_; }

    /// Forgets the last run. Quiescent only.
    void reset() noexcept { silent_.clear(); }

  private:
    /// Waits until the core has left. False when the time is over.
    bool waits_for(uint32_t core, uint32_t thread, uint64_t begin_ns, uint64_t limit_ns) noexcept {
        while (cores_.read_status(core) != AICORE_STATUS_EXITED) {
            const uint64_t now_ns = cores_.now_ns();
            PTO_ASSERT(now_ns >= begin_ns, now_ns, begin_ns);
            if (now_ns - begin_ns >= limit_ns) {
                return false;
            }
            cores_.idle(thread);
        }
        return true;
    }

    CoreInterface& cores_;
    std::vector<uint32_t> silent_;
};

}  // namespace pto
