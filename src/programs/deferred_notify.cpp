// deferred_notify: two ranks send each other 16384 numbers and a notification. The task that waits
// for it returns at once and leaves a condition behind; the consumer behind that task reads what
// arrived.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "src/programs/arguments.h"
#include "src/programs/rank_run.h"
#include "src/sim/random.h"

namespace pto::programs {
namespace {

constexpr const char* usage =
    "usage: deferred_notify [--platform a2a3sim|a5sim] [--rounds N] [--threads N]\n"
    "                       [--time real|virtual] [--seed N]\n"
    "\n"
    "Prints the largest difference between what a rank received and what its peer sent. Exits "
    "with\n"
    "0 if that is 0 on both ranks and both ended well, 1 if not, 2 on wrong usage.\n";

constexpr uint32_t ranks = 2;
constexpr size_t float_count = 16384;
constexpr uint64_t duration_max_ns = 20'000;

struct Options {
    SimulatedPlatform platform = SimulatedPlatform::A2A3SIM;
    uint32_t rounds = 1;
    uint32_t threads = 2;  ///< of each rank
    sim::TimeMode time = sim::TimeMode::REAL;
    uint64_t seed = 1;
};

Options parse(Arguments arguments) {
    Options options;
    while (const auto word = arguments.next()) {
        if (*word == "--platform") {
            options.platform = arguments.platform_of(*word);
        } else if (*word == "--rounds") {
            options.rounds = static_cast<uint32_t>(arguments.number_of(*word, 1, 1'000'000));
        } else if (*word == "--threads") {
            options.threads = arguments.threads_of(*word);
        } else if (*word == "--time") {
            options.time = arguments.time_of(*word);
        } else if (*word == "--seed") {
            options.seed = arguments.number_of(*word, 0, ~uint64_t{0});
        } else {
            throw UsageError("unknown option '" + std::string(*word) + "'; --help lists all");
        }
    }
    return options;
}

/// What a rank has in memory that its peer can reach.
struct RankMemory {
    std::vector<float> source = std::vector<float>(float_count);
    std::vector<float> received = std::vector<float>(float_count, -1);
    std::vector<float> output = std::vector<float>(float_count, -1);
    uint32_t counter = 0;  ///< notifications that arrived
};

/// A kernel that keeps its core for a given time.
class TimedKernel : public sim::Kernel {
  public:
    explicit TimedKernel(uint64_t time_ns) : time_ns_(time_ns) {}
    uint64_t duration_ns(const PTO2DispatchPayload&) const noexcept override { return time_ns_; }

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

    void run(sim::KernelContext&) noexcept override {
        std::copy(own_.source.begin(), own_.source.end(), peer_.received.begin());
        // Release: pairs with the acquire load in CompletionCondition::test(); who sees the
        // notification sees the numbers.
        std::atomic_ref<uint32_t>(peer_.counter).fetch_add(1, std::memory_order_release);
    }

  private:
    const RankMemory& own_;
    RankMemory& peer_;
};

/// Leaves the condition that the peer's notification has arrived, and returns.
class NotifyWait final : public TimedKernel {
  public:
    NotifyWait(uint64_t time_ns, RankMemory& own) : TimedKernel(time_ns), own_(own) {}

    void run(sim::KernelContext& context) noexcept override {
        deferred_completion_slab_append(&context.slab, reinterpret_cast<uintptr_t>(&own_.counter),
                                        1, COMPLETION_ENGINE_ROCE, COMPLETION_TYPE_COUNTER);
    }

  private:
    RankMemory& own_;
};

/// Copies what arrived.
class Consume final : public TimedKernel {
  public:
    Consume(uint64_t time_ns, RankMemory& own) : TimedKernel(time_ns), own_(own) {}

    void run(sim::KernelContext&) noexcept override { own_.output = own_.received; }

  private:
    RankMemory& own_;
};

/// One rank of one round: its kernels, and their tasks.
template <class Platform>
class NotifyRank {
  public:
    NotifyRank(sim::Machine& machine, uint32_t rank, uint32_t threads, RankMemory& own,
               RankMemory& peer, sim::Random& random)
        : run_(machine, rank, threads),
          produce_(random.below(duration_max_ns), own, peer),
          notify_wait_(random.below(duration_max_ns), own),
          consume_(random.below(duration_max_ns), own) {}

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

/// What all rounds together say of one rank.
struct Verdict {
    double max_diff = 0;
    int32_t status = 0;  ///< the first that is not 0
    bool is_clean = true;

    bool is_good() const { return max_diff == 0 && status == 0 && is_clean; }
};

double max_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double largest = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        largest =
            std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return largest;
}

template <class Platform>
class DeferredNotify {
  public:
    explicit DeferredNotify(const Options& options) : options_(options), random_(options.seed) {}

    bool run() {
        for (uint32_t round = 0; round < options_.rounds; ++round) {
            run_round();
        }
        bool is_good = true;
        for (uint32_t rank = 0; rank < ranks; ++rank) {
            say(rank, verdicts_[rank]);
            is_good = is_good && verdicts_[rank].is_good();
        }
        return is_good;
    }

  private:
    void run_round() {
        RankMemory memory[ranks];
        for (RankMemory& of_rank : memory) {
            for (float& number : of_rank.source) {
                number = static_cast<float>(random_.below(1U << 24)) / 256.0F;
            }
        }
        sim::Machine machine({.time = options_.time, .rank_count = ranks, .cluster_count = 2});
        NotifyRank<Platform> first(machine, 0, options_.threads, memory[0], memory[1], random_);
        NotifyRank<Platform> second(machine, 1, options_.threads, memory[1], memory[0], random_);
        first.start();
        second.start();
        first.submit();
        second.submit();
        const RankResult results[ranks] = {first.wait(), second.wait()};
        // A run that an error has ended leaves kernels running, which use what is about to go.
        machine.stop();
        note(0, results[0], max_difference(memory[0].output, memory[1].source));
        note(1, results[1], max_difference(memory[1].output, memory[0].source));
    }

    void note(uint32_t rank, const RankResult& result, double max_diff) {
        Verdict& verdict = verdicts_[rank];
        verdict.max_diff = std::max(verdict.max_diff, max_diff);
        verdict.status = verdict.status == 0 ? result.status : verdict.status;
        verdict.is_clean = verdict.is_clean && result.is_clean;
    }

    static void say(uint32_t rank, const Verdict& verdict) {
        std::printf("rank=%u max_diff=%.9g", rank, verdict.max_diff);
        if (verdict.status != 0 || !verdict.is_clean) {
            std::printf(" status=%d clean=%s", verdict.status, verdict.is_clean ? "yes" : "no");
        }
        std::printf("\n");
    }

    const Options options_;
    sim::Random random_;
    Verdict verdicts_[ranks];
};

}  // namespace
}  // namespace pto::programs

int main(int count, char** words) {
    using namespace pto::programs;
    return run_program("deferred_notify", usage, count, words, [](const Arguments& arguments) {
        const Options options = parse(arguments);
        return on_platform(options.platform, [&options]<class Platform>() {
            return DeferredNotify<Platform>(options).run() ? exit_good : exit_bad_run;
        });
    });
}
