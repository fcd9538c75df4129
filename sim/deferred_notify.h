// Two ranks send each other numbers and a notification, in one round: the tasks of the program
// deferred_notify, and what came of them.
//
// A producer copies a rank's numbers to its peer and adds to the peer's counter. A task that waits
// for the notification registers a condition and returns; the consumer that depends on it copies
// out what arrived.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "caches.h"
#include "kernel.h"
#include "machine.h"
#include "random.h"
#include "rank_run.h"
#include "src/runtime/completion_condition.h"
#include "src/runtime/pto_assert.h"

namespace pto::sim {

inline constexpr uint32_t notify_ranks = 2;
inline constexpr size_t notify_float_count = 16384;
inline constexpr uint64_t notify_duration_max_ns = 20'000;

/// What a rank has in memory that its peer can reach.
struct RankMemory {
    std::vector<float> source = std::vector<float>(notify_float_count);
    std::vector<float> received = std::vector<float>(notify_float_count, -1);
    std::vector<float> output = std::vector<float>(notify_float_count, -1);
    EngineWords<uint32_t> counter;  ///< a word: notifications that arrived

    /// `caches` are those of the rank's scheduler threads, or null if they are coherent.
    explicit RankMemory(CacheModel* caches) : counter(1, caches) {}
};

/// A kernel that keeps its core for a given time.
class TimedKernel : public Kernel {
  public:
    explicit TimedKernel(uint64_t time_ns) : time_ns_(time_ns) {}
    uint64_t duration_ns(const DispatchPayload&) const noexcept override { return time_ns_; }

  protected:
    ~TimedKernel() = default;

  private:
    const uint64_t time_ns_;
};

/// Copies a rank's numbers to its peer, then notifies it.
class Produce final : public TimedKernel {
  public:
    Produce(uint64_t time_ns, const RankMemory& own, RankMemory& peer)
        : TimedKernel(time_ns), own_(own), peer_(peer) {}

    void run(KernelContext&) noexcept override {
        std::copy(own_.source.begin(), own_.source.end(), peer_.received.begin());
        // Release: pairs with the acquire load in read_engine_word(); who sees the
        // notification sees the numbers.
        std::atomic_ref<uint32_t>(peer_.counter.of_engine(0))
            .fetch_add(1, std::memory_order_release);
    }

  private:
    const RankMemory& own_;
    RankMemory& peer_;
};

/// Leaves the condition that the peer's notification has arrived, and returns.
class NotifyWait final : public TimedKernel {
  public:
    NotifyWait(uint64_t time_ns, RankMemory& own) : TimedKernel(time_ns), own_(own) {}

    void run(KernelContext& context) noexcept override {
        deferred_completion_slab_append(&context.slab, own_.counter.address(0), 1,
                                        COMPLETION_ENGINE_ROCE, COMPLETION_TYPE_COUNTER);
    }

  private:
    RankMemory& own_;
};

/// Copies what arrived.
class Consume final : public TimedKernel {
  public:
    Consume(uint64_t time_ns, RankMemory& own) : TimedKernel(time_ns), own_(own) {}

    void run(KernelContext&) noexcept override { own_.output = own_.received; }

  private:
    RankMemory& own_;
};

/// One rank of one round: its kernels, and their tasks.
template <class Platform>
class NotifyRank {
  public:
    NotifyRank(Machine& machine, uint32_t rank, uint32_t threads, RankMemory& own, RankMemory& peer,
               Random& random)
        : run_(machine, rank, threads),
          produce_(random.below(notify_duration_max_ns), own, peer),
          notify_wait_(random.below(notify_duration_max_ns), own),
          consume_(random.below(notify_duration_max_ns), own) {}

    void start() { run_.start(); }

    void submit() {
        run_.submit_kernel(produce_, {});
        const PTO2TaskId notified = run_.submit_kernel(notify_wait_, {});
        run_.submit_kernel(consume_, {notified});
        run_.finish_submission();
    }

    RankResult wait() { return run_.wait(); }

  private:
    RankRun<Platform> run_;
    Produce produce_;
    NotifyWait notify_wait_;
    Consume consume_;
};

inline double max_difference(const std::vector<float>& a, const std::vector<float>& b) {
    PTO_ASSERT(a.size() == b.size(), a.size(), b.size());
    double largest = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        largest =
            std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return largest;
}

/// How a round ended on one rank.
struct NotifyOutcome {
    RankResult result;
    double max_diff;  ///< between what the rank received and what its peer sent
};

/// One round on a machine of its own, `threads` scheduler threads a rank.
template <class Platform>
std::array<NotifyOutcome, notify_ranks> run_deferred_notify(MachineConfig config, uint32_t threads,
                                                            Random& random) {
    config.rank_count = notify_ranks;
    Machine machine(config);
    const auto caches_of = [&machine](uint32_t rank) {
        return Platform::has_coherent_caches ? nullptr : &machine.rank(rank).caches();
    };
    RankMemory memory[notify_ranks] = {RankMemory(caches_of(0)), RankMemory(caches_of(1))};
    for (RankMemory& of_rank : memory) {
        for (float& number : of_rank.source) {
            number = static_cast<float>(random.below(1U << 24)) / 256.0F;
        }
    }
    NotifyRank<Platform> first(machine, 0, threads, memory[0], memory[1], random);
    NotifyRank<Platform> second(machine, 1, threads, memory[1], memory[0], random);
    first.start();
    second.start();
    first.submit();
    second.submit();
    const RankResult results[notify_ranks] = {first.wait(), second.wait()};
    // A run that an error has ended leaves kernels running, which use what is about to go.
    machine.stop();
    return {{{results[0], max_difference(memory[0].output, memory[1].source)},
             {results[1], max_difference(memory[1].output, memory[0].source)}}};
}

}  // namespace pto::sim
