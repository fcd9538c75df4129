// The scenario under weave, driven by libFuzzer: an input is the choices of one execution.
//
// At exit it prints the number of executions and of steps.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <weave/weave.h>
#include "bench/weave/weave_scenario.h"

namespace {

unsigned long long executions = 0;
unsigned long long steps = 0;

void print_totals() { std::printf("%llu executions, %llu steps\n", executions, steps); }

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    std::atexit(print_totals);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    weave::Options options;
    options.mode = weave::Mode::bytes;
    options.bytes = data;
    options.bytes_size = size;
    const weave::Result result = weave::explore(options, bench::interleavings::run_scenario);
    if (result.verdict != weave::Verdict::ok) {
        std::abort();
    }
    ++executions;
    steps += result.steps;
    return 0;
}
