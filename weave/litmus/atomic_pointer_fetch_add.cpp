// Two threads that take the next element by moving a pointer: they get different ones.
#include "litmus.h"

#include <memory>

LITMUS(atomic_pointer_fetch_add) {
    const auto elements = std::make_unique<int[]>(2);
    std::atomic<int*> next = elements.get();
    concurrently([&] { *next.fetch_add(1, relaxed) = 1; },
                 [&] { *next.fetch_add(1, relaxed) = 2; });
    return outcome(elements[0], elements[1]);
}
ALLOWED({1, 2}, {2, 1});
FORBIDDEN({0, 1}, {0, 2}, {1, 0}, {2, 0}, data_race);
