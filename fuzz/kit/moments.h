// The moments at which the calls of an explored history begin and end, and which of them come
// first.
//
// Under weave "first" is what C++ says: a moment comes before another if it happens before it. With
// sequentially consistent memory, and on real threads, it is the order in which they were drawn,
// which there is one of. What draws moments is not instrumented, so no thread learns anything by
// it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fuzz {

/// Threads of an explored scenario, that of run() included.
inline constexpr uint32_t moment_threads_max = 12;

/// Moments of one execution at most, under weave; a scenario has far fewer.
inline constexpr uint64_t moments_max = 1 << 14;

/// Forgets all moments. Before each execution. `is_strict`: the order of drawing is the order.
void restart_moments(bool is_strict);

/// The calling thread's moment: a number that grows with each draw, from 1. Any thread. A thread
/// that waits in a loop must not keep the number: it would seem to do something new in each round.
uint64_t draw_moment() noexcept;

/// Notes that the calling thread is at a point which the scenario gives a number, for explanations.
/// Their order counts among the facts of an execution if an oracle may look at it. Any thread.
/// Defined in explored_under_weave.cpp, and in explored_on_threads.cpp, where it does nothing.
void mark_point(uint64_t number, bool is_ordered) noexcept;

/// comes_before() of two moments of which the first was drawn first.
bool is_known_at(uint64_t first, uint64_t second);

/// Does moment `first` come before moment `second` for sure? Once all threads are done. A thread
/// learns of moments that were drawn earlier only. Oracles look at all pairs, so this is inline.
inline bool comes_before(uint64_t first, uint64_t second) {
    return first < second && is_known_at(first, second);
}

/// What explored_under_weave.cpp and explored_on_threads.cpp define: what the calling thread knows
/// of each thread (weave.h), and its number; or moment_threads_max where no clock is kept.
uint32_t read_moment_clock(uint32_t* known) noexcept;

}  // namespace fuzz
