// dummy_task: tasks without a kernel, alone, in a chain and as a barrier, and a kernel after them
// that writes 42. Prints one line per case.
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <vector>

#include "sim/programs/program.h"
#include "sim/rank_run.h"

namespace pto::programs {
namespace {

struct Options {
    size_t platform = 0;  ///< an index of Platforms
    uint32_t threads = 2;
    sim::TimeMode time = sim::TimeMode::REAL;
};

/// Adds a number, and what other kernels have computed, to a word: a kernel that runs twice, or
/// before those, is seen in it.
class AddKernel final : public sim::Kernel {
  public:
    explicit AddKernel(uint32_t number, std::vector<const AddKernel*> inputs = {})
        : number_(number), inputs_(std::move(inputs)) {}

    void run(sim::KernelContext&) noexcept override {
        value_ += number_;
        for (const AddKernel* input : inputs_) {
            value_ += input->value_;
        }
    }

    uint32_t value() const noexcept { return value_; }

  private:
    const uint32_t number_;
    const std::vector<const AddKernel*> inputs_;
    uint32_t value_ = 0;
};

/// The cases, each on a machine of its own.
template <class Platform>
class DummyTask {
  public:
    explicit DummyTask(const Options& options) : options_(options) {}

    bool run() {
        const bool is_single_good = single_dummy();
        const bool is_chain_good = dummy_chain();
        const bool is_barrier_good = two_producer_barrier();
        return is_single_good && is_chain_good && is_barrier_good;
    }

  private:
    bool single_dummy() {
        return run_case("single_dummy", 1, nullptr,
                        [](sim::RankRun<Platform>& rank) { rank.submit_dummy({}); });
    }

    bool dummy_chain() {
        AddKernel last(42);
        return run_case("dummy_chain", 5, &last, [&last](sim::RankRun<Platform>& rank) {
            PTO2TaskId end = rank.submit_dummy({});
            for (uint32_t i = 1; i < 4; ++i) {
                end = rank.submit_dummy({end});
            }
            rank.submit_kernel(last, {end});
        });
    }

    bool two_producer_barrier() {
        AddKernel first(40);
        AddKernel second(2);
        AddKernel last(0, {&first, &second});
        return run_case("two_producer_barrier", 4, &last, [&](sim::RankRun<Platform>& rank) {
            const PTO2TaskId one = rank.submit_kernel(first, {});
            const PTO2TaskId other = rank.submit_kernel(second, {});
            const PTO2TaskId barrier = rank.submit_dummy({one, other});
            rank.submit_kernel(last, {barrier});
        });
    }

    /// Runs one graph and says how it went. `last` is the kernel that has to have computed 42.
    bool run_case(const char* name, uint64_t tasks, const AddKernel* last,
                  const std::function<void(sim::RankRun<Platform>&)>& submit) {
        sim::Machine machine({.time = options_.time, .cluster_count = 2});
        sim::RankRun<Platform> rank(machine, 0, options_.threads);
        rank.start();
        submit(rank);
        rank.finish_submission();
        const sim::RankResult result = rank.wait();
        std::cout << name << " status=" << result.status << " completed=" << result.completed;
        if (last != nullptr) {
            std::cout << " value=" << last->value();
        }
        std::cout << " clean=" << (result.is_clean ? "yes" : "no") << '\n' << result.diagnosis;
        return result.status == 0 && result.is_clean && result.completed == tasks &&
               (last == nullptr || last->value() == 42);
    }

    const Options options_;
};

void add_options(CLI::App& app, Options& options) {
    add_platform(app, options.platform);
    add_threads(app, options.threads);
    add_time(app, options.time);
}

}  // namespace
}  // namespace pto::programs

int main(int count, char** words) {
    using namespace pto::programs;
    Options options;
    return run_program(
        "dummy_task",
        "Runs a single dummy, a chain of 4 and a barrier of two producers; the kernel after the "
        "last two writes 42. Exits with 0 if all went well, 1 if not, 2 on wrong usage.",
        count, words, [&options](CLI::App& app) { add_options(app, options); },
        [&options] {
            return pto::for_platform(options.platform, [&options]<class Platform>() {
                return DummyTask<Platform>(options).run() ? exit_good : exit_bad_run;
            });
        });
}
