// deferred_notify: two ranks send each other 16384 numbers and a notification. The task that waits
// for it registers a condition and returns at once; the consumer that depends on it reads what
// arrived.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "sim/deferred_notify.h"
#include "sim/machine.h"
#include "sim/programs/program.h"
#include "sim/random.h"

namespace pto::programs {
namespace {

struct Options {
    size_t platform = 0;  ///< an index of Platforms
    uint32_t rounds = 1;
    uint32_t threads = 2;  ///< of each rank
    sim::TimeMode time = sim::TimeMode::REAL;
    uint64_t seed = 1;
};

/// What all rounds together say of one rank.
struct Verdict {
    double max_diff = 0;
    int32_t status = 0;  ///< the first that is not 0
    bool is_clean = true;

    bool is_good() const { return max_diff == 0 && status == 0 && is_clean; }
};

template <class Platform>
class DeferredNotify {
  public:
    explicit DeferredNotify(const Options& options) : options_(options), random_(options.seed) {}

    bool run() {
        for (uint32_t round = 0; round < options_.rounds; ++round) {
            run_round();
        }
        bool is_good = true;
        for (uint32_t rank = 0; rank < sim::notify_ranks; ++rank) {
            say(rank, verdicts_[rank]);
            is_good = is_good && verdicts_[rank].is_good();
        }
        return is_good;
    }

  private:
    void run_round() {
        const auto outcomes = sim::run_deferred_notify<Platform>(
            {.time = options_.time, .cluster_count = 2}, options_.threads, random_);
        for (uint32_t rank = 0; rank < sim::notify_ranks; ++rank) {
            note(verdicts_[rank], outcomes[rank]);
        }
    }

    static void note(Verdict& verdict, const sim::NotifyOutcome& outcome) {
        verdict.max_diff = std::max(verdict.max_diff, outcome.max_diff);
        verdict.status = verdict.status == 0 ? outcome.result.status : verdict.status;
        verdict.is_clean = verdict.is_clean && outcome.result.is_clean;
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
    Verdict verdicts_[sim::notify_ranks];
};

void add_options(CLI::App& app, Options& options) {
    add_platform(app, options.platform);
    add_number(app, "--rounds", options.rounds, 1, 1'000'000, "Rounds");
    add_threads(app, options.threads);
    add_time(app, options.time);
    add_seed(app, "--seed", options.seed, "Seed of the numbers and of the kernels' times");
}

}  // namespace
}  // namespace pto::programs

int main(int count, char** words) {
    using namespace pto::programs;
    Options options;
    return run_program(
        "deferred_notify",
        "Prints the largest difference between what a rank received and what its peer sent. Exits "
        "with 0 if that is 0 on both ranks and both ended well, 1 if not, 2 on wrong usage.",
        count, words, [&options](CLI::App& app) { add_options(app, options); },
        [&options] {
            return pto::for_platform(options.platform, [&options]<class Platform>() {
                return DeferredNotify<Platform>(options).run() ? exit_good : exit_bad_run;
            });
        });
}
