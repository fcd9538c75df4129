// The moments of an execution, in a table; see the header. Compiled without instrumentation.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "fuzz/kit/moments.h"

namespace fuzz {
namespace {

struct Moment {
    uint32_t thread;
    std::array<uint32_t, moment_threads_max> known;
};

struct Table {
    std::array<Moment, moments_max + 1> moments;
    std::atomic<uint64_t> drawn;
    bool is_strict;
};

Table& table() {
    static Table table;
    return table;
}

}  // namespace

void restart_moments(bool is_strict) {
    table().drawn.store(0, std::memory_order_relaxed);
    table().is_strict = is_strict;
}

uint64_t draw_moment() noexcept {
    // Relaxed: it orders nothing, so that no race hides behind it.
    const uint64_t number = 1 + table().drawn.fetch_add(1, std::memory_order_relaxed);
    Moment moment;
    moment.thread = read_moment_clock(moment.known.data());
    if (moment.thread == moment_threads_max) {
        return number;
    }
    if (number > moments_max) {
        static const bool is_told =
            std::fputs("moments: a scenario has more calls than the table has room for\n",
                       stderr) >= 0;
        static_cast<void>(is_told);
        std::abort();
    }
    table().moments[number] = moment;
    // Without a strict order only clocks tell which of two moments came first.
    mark_point(number, table().is_strict);
    return number;
}

bool is_known_at(uint64_t first, uint64_t second) {
    if (table().is_strict) {
        return true;
    }
    const Moment& a = table().moments[first];
    return table().moments[second].known[a.thread] >= a.known[a.thread];
}

}  // namespace fuzz
