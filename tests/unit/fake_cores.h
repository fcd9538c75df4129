// Cores that a test moves by hand: it writes the status words, and it is the clock.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "src/runtime/core_interface.h"
#include "src/runtime/core_register.h"

namespace mailproof::test {

class FakeCores final : public pto::CoreInterface {
  public:
    struct Core {
        uint32_t status = pto::AICORE_STATUS_IDLE;
        bool is_deaf = false;  ///< does not answer when it is told to leave
        std::vector<uint32_t> doorbells;
        std::array<pto::DeferredCompletionSlab, 2> slabs{};
        std::array<pto::DispatchPayload, 2> payloads{};
    };

    std::vector<Core> cores;
    uint64_t time_ns = 0;
    uint64_t idled = 0;  ///< calls of idle()
    /// What happens when a thread waits, and when a doorbell rings; nothing when empty.
    std::function<void(uint32_t thread)> on_idle;
    std::function<void(uint32_t core, uint32_t id)> on_doorbell;

    explicit FakeCores(uint32_t clusters) : cores(size_t{clusters} * 3) {}

    /// The id that the core was given last.
    uint32_t last_id(uint32_t core) const {
        EXPECT_FALSE(cores[core].doorbells.empty()) << "core " << core << " was given nothing";
        return cores[core].doorbells.empty() ? pto::CoreSlots::none : cores[core].doorbells.back();
    }
    /// The core says that it has started, or finished, a dispatch; the last one unless named.
    void ack(uint32_t core) { ack(core, last_id(core)); }
    void fin(uint32_t core) { fin(core, last_id(core)); }
    void ack(uint32_t core, uint32_t id) { cores[core].status = id; }
    void fin(uint32_t core, uint32_t id) { cores[core].status = id | pto::AICORE_REG_FIN; }

    /// What the core was told of its last dispatch.
    const pto::DispatchPayload& told(uint32_t core) const {
        return cores[core].payloads[last_id(core) & 1];
    }
    /// How many tasks it was given.
    size_t dispatches(uint32_t core) const {
        const auto& doorbells = cores[core].doorbells;
        return static_cast<size_t>(
            std::count_if(doorbells.begin(), doorbells.end(), pto::is_dispatch_id));
    }

    uint32_t cluster_count() const noexcept override {
        return static_cast<uint32_t>(cores.size()) / 3;
    }
    uint32_t read_status(uint32_t core) noexcept override { return cores[core].status; }
    void ring_doorbell(uint32_t core, uint32_t id) noexcept override {
        cores[core].doorbells.push_back(id);
        if (on_doorbell) {
            on_doorbell(core, id);
        }
        if (id == pto::AICORE_DOORBELL_EXIT && !cores[core].is_deaf) {
            cores[core].status = pto::AICORE_STATUS_EXITED;
        }
    }
    pto::DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept override {
        return cores[core].slabs[parity];
    }
    pto::DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept override {
        return cores[core].payloads[parity];
    }
    uint64_t now_ns() noexcept override { return time_ns; }
    void idle(uint32_t thread) noexcept override {
        ++idled;
        if (on_idle) {
            on_idle(thread);
        }
    }
};

}  // namespace mailproof::test
