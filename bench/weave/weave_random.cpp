// The scenario under weave, every choice at random.
//
//   bench_weave_random EXECUTIONS
#include <cstdio>
#include <cstdlib>

#include <weave/weave.h>
#include "bench/weave/weave_scenario.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    weave::Options options;
    options.mode = weave::Mode::random;
    options.executions = std::strtoull(argv[1], nullptr, 10);
    const weave::Result result = weave::explore(options, bench::interleavings::run_scenario);
    std::printf("%llu executions, %llu steps\n", static_cast<unsigned long long>(result.executions),
                static_cast<unsigned long long>(result.steps));
    return result.verdict == weave::Verdict::ok && result.executions == options.executions ? 0 : 1;
}
