// A static variable of a function that two threads enter: it is initialised once, and the second
// thread waits for that and sees it. This is the only thing that orders the two.
#include "litmus.h"

namespace {

std::atomic<int> initialisations = 0;

struct Table {
    int entry = 0;
    Table() {
        initialisations.fetch_add(1, std::memory_order_relaxed);
        entry = 42;
    }
};

int entry() {
    static const Table table;
    return table.entry;
}

}  // namespace

LITMUS(static_local_initialisation) {
    int r1 = 0;
    int r2 = 0;
    concurrently([&] { r1 = entry(); }, [&] { r2 = entry(); });
    return outcome(r1, r2, initialisations.load(relaxed));
}
ALLOWED({42, 42, 1});
FORBIDDEN({0, 42, 1}, {42, 0, 1}, {42, 42, 2}, data_race, deadlock);
