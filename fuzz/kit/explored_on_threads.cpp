// The scenario on real threads, whose timing takes the place of the schedule; see the header.
#include "fuzz/kit/explored.h"

void fuzz::run_explored(const char*, Bytes, uint64_t, const std::function<void()>& scenario) {
    constexpr int repetitions = 20;
    for (int i = 0; i < repetitions; ++i) {
        scenario();
    }
}
