// The scenario on real threads, whose timing takes the place of the schedule; see the header.
#include "fuzz/kit/explored.h"

void fuzz::run_explored(const char* target, const Exploration& exploration) {
    constexpr int repetitions = 20;
    for (int i = 0; i < repetitions; ++i) {
        restart_moments(/*is_strict=*/true);
        if (exploration.prepare) {
            exploration.prepare();
        }
        exploration.body();
        if (const std::optional<Finding> finding = exploration.judge()) {
            report(target, *finding);
        }
    }
}

std::optional<fuzz::Wish> fuzz::propose_wish(const Exploration&, Random&) { return std::nullopt; }

void fuzz::mark_point(uint64_t, bool) noexcept {}

uint32_t fuzz::read_moment_clock(uint32_t*) noexcept { return moment_threads_max; }
