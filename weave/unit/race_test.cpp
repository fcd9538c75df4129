// Plain accesses at random, by threads that release and acquire at random, against a list of all of
// them: weave reports a race at the first access that has one, and at no other. The bytes of two
// cells are used by all sizes, so that cells change between all their forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include <run/choosers/replay.h>
#include <run/execution.h>
#include <run/search.h>

extern "C" {
void __tsan_read1(void* at);
void __tsan_read2(void* at);
void __tsan_read4(void* at);
void __tsan_read8(void* at);
void __tsan_write1(void* at);
void __tsan_write2(void* at);
void __tsan_write4(void* at);
void __tsan_write8(void* at);
}

namespace weave {
namespace {

constexpr unsigned thread_count = 3;
constexpr unsigned bytes = 16;

using Times = std::array<unsigned, thread_count>;

/// Every access that was made, with the time of its thread; a release ends a time.
class Reference {
  public:
    Reference() {
        for (unsigned thread = 0; thread < thread_count; ++thread) {
            known_[thread][thread] = 1;
        }
    }
    /// Adds an access. True if it races with an earlier one.
    bool access(unsigned thread, unsigned begin, unsigned size, bool is_write) {
        const bool races = std::any_of(made_.begin(), made_.end(), [&](const Made& earlier) {
            return earlier.begin < begin + size && begin < earlier.begin + earlier.size &&
                   (earlier.is_write || is_write) && earlier.time > known_[thread][earlier.thread];
        });
        made_.push_back({thread, known_[thread][thread], begin, size, is_write});
        return races;
    }
    Times release(unsigned thread) {
        const Times released = known_[thread];
        ++known_[thread][thread];
        return released;
    }
    void acquire(unsigned thread, const Times& released) {
        for (unsigned i = 0; i < thread_count; ++i) {
            known_[thread][i] = std::max(known_[thread][i], released[i]);
        }
    }

  private:
    struct Made {
        unsigned thread;
        unsigned time;
        unsigned begin;
        unsigned size;
        bool is_write;
    };
    std::vector<Made> made_;
    std::array<Times, thread_count> known_{};
};

struct Step {
    enum Kind { access, release, acquire } kind;
    unsigned thread;
    unsigned from;  ///< whose last release is acquired
    unsigned begin;
    unsigned size;
    bool is_write;
    bool races;  ///< the last one of a run
};

/// Makes the steps of a run, up to the first race if there is one.
class Steps {
  public:
    explicit Steps(unsigned seed) : random_(seed) {
        // Few sizes keep cells in one form, all sizes make lists. Careful threads race rarely.
        const unsigned sizes = 1 + below(4);
        const unsigned carelessness = below(2) == 0 ? 1 : below(60);
        while (steps_.size() < 300 && (steps_.empty() || !steps_.back().races)) {
            const unsigned thread = below(thread_count);
            const bool is_write = below(3) == 0;
            for (unsigned other = 0; other < thread_count; ++other) {
                // What a thread reads must be known to it, and a write needs the readers too.
                if (other != thread && below(100) >= carelessness) {
                    synchronise(other, thread);
                }
            }
            for (unsigned count = 1 + below(3); count != 0 && !ends(); --count) {
                const unsigned size = 8u >> below(sizes);
                const unsigned begin = below(bytes / size) * size;
                steps_.push_back({Step::access, thread, 0, begin, size, is_write,
                                  reference_.access(thread, begin, size, is_write)});
            }
        }
    }
    std::vector<Step> take() { return std::move(steps_); }

  private:
    unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
    bool ends() const { return !steps_.empty() && steps_.back().races; }

    void synchronise(unsigned from, unsigned to) {
        reference_.acquire(to, reference_.release(from));
        steps_.push_back({Step::release, from, 0, 0, 0, false, false});
        steps_.push_back({Step::acquire, to, from, 0, 0, false, false});
    }

    std::mt19937 random_;
    Reference reference_;
    std::vector<Step> steps_;
};

void access(const Step& step, char* memory) {
    char* const at = memory + step.begin;
    switch (step.size) {
        case 1:
            return step.is_write ? __tsan_write1(at) : __tsan_read1(at);
        case 2:
            return step.is_write ? __tsan_write2(at) : __tsan_read2(at);
        case 4:
            return step.is_write ? __tsan_write4(at) : __tsan_read4(at);
        default:
            return step.is_write ? __tsan_write8(at) : __tsan_read8(at);
    }
}

/// What the body of the execution, which is a plain function, works on.
struct Actions {
    std::vector<Step> steps;
    size_t done = 0;
};

alignas(8) char memory[bytes];

void run_steps(void* to) {
    Actions& run = *static_cast<Actions*>(to);
    Execution& execution = *active;
    Thread& first = execution.current();
    std::array<const Snapshot*, thread_count> released{};
    for (unsigned i = 1; i < thread_count; ++i) {
        execution.create_thread([](void*) -> void* { return nullptr; }, nullptr, 0);
    }
    // They have not run yet, and act through this function.
    for (const Step& step : run.steps) {
        execution.threads.set_current(execution.threads[step.thread]);
        switch (step.kind) {
            case Step::access:
                access(step, memory);
                break;
            case Step::release:
                released[step.thread] = execution.release();
                break;
            case Step::acquire:
                execution.acquire(released[step.from]);
                break;
        }
        ++run.done;
    }
    execution.threads.set_current(first);
}

TEST(RaceTest, a_race_is_reported_at_the_first_access_that_has_one) {
    unsigned races = 0;
    constexpr unsigned runs = 3'000;
    for (unsigned seed = 0; seed < runs; ++seed) {
        Actions run{Steps(seed).take()};
        ReplayChooser chooser(nullptr, 0);
        const Verdict verdict = the_execution().run(Settings{}, chooser, false, run_steps, &run);
        const bool has_race = run.steps.back().races;
        races += has_race ? 1 : 0;
        ASSERT_EQ(verdict, has_race ? Verdict::data_race : Verdict::ok) << "seed " << seed;
        ASSERT_EQ(run.done, run.steps.size() - (has_race ? 1 : 0)) << "seed " << seed;
    }
    // Both kinds of runs have to be there, or this says nothing.
    EXPECT_GT(races, runs / 10);
    EXPECT_LT(races, runs - runs / 10);
}

}  // namespace
}  // namespace weave
