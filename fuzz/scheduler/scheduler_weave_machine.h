// The machine of the explored scheduler: simulated cores and engines, without time and without
// threads of its own. The thread that plays it decides when something happens.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "sim/caches.h"
#include "sim/core.h"
#include "sim/engine.h"
#include "src/runtime/core_interface.h"

namespace fuzz {

/// The cores. Kept from execution to execution; begin() makes them new.
class ExploredRank final : public pto::CoreInterface {
  public:
    explicit ExploredRank(uint32_t cluster_count)
        : cores_(size_t{cluster_count} * pto::CORES_PER_CLUSTER) {}

    void begin(pto::sim::EngineQueue& engines) noexcept {
        engines_ = &engines;
        for (pto::sim::SimulatedCore& core : cores_) {
            core.reset();
        }
    }

    uint32_t cluster_count() const noexcept override {
        return static_cast<uint32_t>(cores_.size()) / pto::CORES_PER_CLUSTER;
    }
    uint32_t read_status(uint32_t core) noexcept override { return cores_[core].read_status(); }
    void ring_doorbell(uint32_t core, uint32_t id) noexcept override {
        cores_[core].ring_doorbell(id);
    }
    pto::DeferredCompletionSlab& slab(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].slab(parity);
    }
    pto::DispatchPayload& payload(uint32_t core, uint32_t parity) noexcept override {
        return cores_[core].payload(parity);
    }
    uint64_t now_ns() noexcept override { return 0; }
    void idle(uint32_t) noexcept override { std::this_thread::yield(); }

    /// Does the next thing on each core, and ends what the engines have. One thread at a time.
    void play() {
        for (pto::sim::SimulatedCore& core : cores_) {
            core.step(0, *engines_);
        }
        engines_->run_due(0);
    }

    // What GraphRun asks of a rank besides.
    pto::sim::CacheModel& caches() noexcept { return caches_; }
    void use_caches(bool) noexcept {}
    void join(uint32_t) noexcept {}
    void leave(uint32_t) noexcept {}
    void clear() noexcept {
        for (pto::sim::SimulatedCore& core : cores_) {
            core.reset();
        }
        engines_->run_due(0);
    }

  private:
    pto::sim::CacheModel caches_;
    std::vector<pto::sim::SimulatedCore> cores_;
    pto::sim::EngineQueue* engines_ = nullptr;
};

/// One execution's machine: the cores, and engines with nothing to do.
class ExploredMachine {
  public:
    explicit ExploredMachine(ExploredRank& rank) : rank_(rank) { rank.begin(engines_); }

    ExploredRank& rank(uint32_t) noexcept { return rank_; }
    uint64_t now_ns() const noexcept { return 0; }

  private:
    ExploredRank& rank_;
    pto::sim::EngineQueue engines_;
};

}  // namespace fuzz
