// Atomic objects that code without weave's flags changes, as a compiled library may: no event of
// the search says so, and depth-first search has to take over.
#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

__attribute__((disable_sanitizer_instrumentation, noinline)) void add_unseen(int& counter) {
    __atomic_fetch_add(&counter, 1, __ATOMIC_ACQ_REL);
}

Outcome unseen_store() {
    std::atomic<int> flag = 0;
    int counter = 0;
    int seen = 0;
    concurrently(
        [&] {
            flag.store(1, relaxed);
            add_unseen(counter);
        },
        [&] { seen = __atomic_fetch_add(&counter, 1, __ATOMIC_ACQ_REL); });
    return outcome(seen, __atomic_load_n(&counter, __ATOMIC_RELAXED));
}

Outcomes anything() { return {}; }

const Registration unseen({"unseen_store", unseen_store, anything, anything});

}  // namespace
