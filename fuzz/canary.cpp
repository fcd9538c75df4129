// A hidden target that must fail: it proves that a finding of each kind really turns a run red, and
// that the input that is kept is the failing one. It is not in --list and not run by default.
//
// "BUG" and a letter: a heap overflow (a), signed overflow (u), a data race (t, where
// ThreadSanitizer looks), a verdict of an oracle (o).
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

namespace {

int volatile sink;

void overflow_heap() {
    const std::unique_ptr<volatile char[]> buffer(new volatile char[4]);
    volatile size_t index = 4;
    sink = buffer[index];
}

void overflow_int() {
    int volatile big = INT_MAX;
    sink = big + 1;
}

void race() {
    int shared = 0;
    std::thread other([&shared] { shared = 1; });
    shared = 2;
    other.join();
    sink = shared;
}

void run_canary(fuzz::Bytes input) {
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    if (!text.starts_with("BUG") || text.size() < 4) {
        return;
    }
    switch (text[3]) {
        case 'a':
            return overflow_heap();
        case 'u':
            return overflow_int();
        case 't':
            return race();
        case 'o':
            fuzz::report("canary", {"canary", "an oracle's verdict, planted", "  details\n"});
        default:
            return;
    }
}

}  // namespace

FUZZ_TARGET_RUN_BY(canary, fuzz::UnstructuredBytes, run_canary, fuzz::no_states, nullptr)
