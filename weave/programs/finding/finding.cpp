// How soon each mode of weave finds known faults: the number of executions until the finding.
//
//   finding MODE SEEDS [SUBJECT...]    a line for each subject and size: its name, size and mode,
//                                      and for each seed the number of executions; 0: none found.
//                                      With -SUBJECT, all but that one
//   finding --goals quick|full         demands that Mode::mix reaches the goal of each subject:
//                                      `quick` leaves out those that take seconds
#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <weave/weave.h>
#include "subjects.h"

namespace {

struct Subject {
    const char* name;
    void (*body)(int size);
    int size;
    uint64_t median_max;      ///< the goal of Mode::mix
    uint64_t executions_max;  ///< a search without a finding ends here
    bool is_quick;
};

constexpr uint64_t usual_max = 1'000;
constexpr uint64_t large_max = 200;

constexpr Subject subjects[] = {
    {"reorder", finding::reorder, 3, 6, usual_max, true},
    {"reorder", finding::reorder, 10, 6, usual_max, true},
    {"reorder", finding::reorder, 20, 6, usual_max, true},
    {"reorder", finding::reorder, 50, 6, large_max, true},
    {"reorder", finding::reorder, 100, 6, large_max, true},
    {"two_stage", finding::two_stage, 20, 6, usual_max, true},
    {"two_stage", finding::two_stage, 100, 45, large_max, true},
    {"work_stealing", finding::work_stealing, 4, 6, usual_max, true},
    {"work_stealing", finding::work_stealing, 8, 6, usual_max, true},
    {"work_stealing_with_lock", finding::work_stealing_with_lock, 4, 6, usual_max, true},
    {"work_stealing_with_lock", finding::work_stealing_with_lock, 8, 6, usual_max, true},
    {"lost_wake_up", finding::lost_wake_up, 1, 20, usual_max, true},
    {"lost_wake_up_with_lock", finding::lost_wake_up_with_lock, 1, 20, usual_max, true},
    {"missing_release_for_load", finding::missing_release_for_load, 1, 20, usual_max, true},
    {"missing_release_for_rmw", finding::missing_release_for_rmw, 1, 20, usual_max, true},
    {"missing_release_for_fence", finding::missing_release_for_fence, 1, 20, usual_max, true},
    {"missing_acquire_of_load", finding::missing_acquire_of_load, 1, 20, usual_max, true},
    {"missing_acquire_of_rmw", finding::missing_acquire_of_rmw, 1, 20, usual_max, true},
    {"missing_acquire_by_fence", finding::missing_acquire_by_fence, 1, 20, usual_max, true},
    // The aim is 100,000; of 20 seeds all find it, with a median of 125,000.
    {"safe_stack", finding::safe_stack, 3, 150'000, 2'000'000, false},
};

constexpr weave::Mode modes[] = {
    weave::Mode::mix,  weave::Mode::random, weave::Mode::pct,    weave::Mode::pos,
    weave::Mode::surw, weave::Mode::delay,  weave::Mode::starve, weave::Mode::pctwm,
};

struct Found {};

/// The number of executions until the finding; 0 without one. The finding is not described, which
/// would take far longer than the search.
uint64_t look_for(const Subject& subject, weave::Mode mode, uint64_t seed) {
    weave::Options options;
    options.mode = mode;
    options.seed = seed;
    options.executions = subject.executions_max;
    options.is_quiet = options.continues = true;
    uint64_t executions = 0;
    const auto stop_at_finding = [&](weave::Verdict verdict) {
        ++executions;
        if (verdict != weave::Verdict::ok) {
            throw Found();
        }
    };
    try {
        weave::explore(options, [&] { subject.body(subject.size); }, stop_at_finding);
    } catch (const Found&) {
        return executions;
    }
    return 0;
}

std::vector<uint64_t> executions_of(const Subject& subject, weave::Mode mode, uint64_t seeds) {
    std::vector<uint64_t> executions;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
        executions.push_back(look_for(subject, mode, seed));
    }
    return executions;
}

void print(const Subject& subject, weave::Mode mode, const std::vector<uint64_t>& executions) {
    std::printf("%s %d %s", subject.name, subject.size, weave::name_of(mode));
    for (const uint64_t count : executions) {
        std::printf(" %" PRIu64, count);
    }
    std::printf("\n");
    std::fflush(stdout);
}

/// The median, without those that found nothing counting as less: UINT64_MAX if half found nothing.
uint64_t median_of(std::vector<uint64_t> executions) {
    std::replace(executions.begin(), executions.end(), uint64_t{0}, UINT64_MAX);
    std::sort(executions.begin(), executions.end());
    return executions[executions.size() / 2];
}

int check_goals(bool is_quick) {
    const uint64_t seeds = is_quick ? 100 : 20;
    int status = 0;
    for (const Subject& subject : subjects) {
        if (subject.is_quick != is_quick) {
            continue;
        }
        const std::vector<uint64_t> executions = executions_of(subject, weave::Mode::mix, seeds);
        print(subject, weave::Mode::mix, executions);
        if (median_of(executions) > subject.median_max) {
            std::printf("MISSED: the median is %" PRIu64 ", and the goal %" PRIu64 "\n",
                        median_of(executions), subject.median_max);
            status = 1;
        }
    }
    return status;
}

/// Names after a '-' are left out.
bool is_asked_for(const Subject& subject, int count, char** names) {
    bool is_asked = count == 0 || *names[0] == '-';
    for (int i = 0; i < count; ++i) {
        const bool is_left_out = *names[i] == '-';
        if (std::strcmp(names[i] + (is_left_out ? 1 : 0), subject.name) == 0) {
            is_asked = !is_left_out;
        }
    }
    return is_asked;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--goals") == 0) {
        return check_goals(std::strcmp(argv[2], "quick") == 0);
    }
    const auto* const mode = std::find_if(std::begin(modes), std::end(modes), [&](weave::Mode m) {
        return argc >= 3 && std::strcmp(argv[1], weave::name_of(m)) == 0;
    });
    if (mode == std::end(modes)) {
        std::fputs("usage: finding MODE SEEDS [SUBJECT...] | finding --goals quick|full\n", stderr);
        return 2;
    }
    const uint64_t seeds = std::strtoull(argv[2], nullptr, 10);
    for (const Subject& subject : subjects) {
        if (is_asked_for(subject, argc - 3, argv + 3)) {
            print(subject, *mode, executions_of(subject, *mode, seeds));
        }
    }
    return 0;
}
