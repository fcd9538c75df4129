// An atomic object of two numbers: it is loaded and stored as a whole, though the two are never one
// number.
#include "litmus.h"

namespace {

struct Pair {
    std::int32_t first;
    std::int32_t second;
};

}  // namespace

LITMUS(atomic_struct) {
    std::atomic<Pair> pair = Pair{0, 0};
    Pair seen = {};
    concurrently([&] { pair.store(Pair{1, 1}, relaxed); }, [&] { pair.store(Pair{2, 2}, relaxed); },
                 [&] { seen = pair.load(relaxed); });
    return outcome(seen.first, seen.second);
}
ALLOWED({0, 0}, {1, 1}, {2, 2});
FORBIDDEN({0, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 2}, {2, 0});
