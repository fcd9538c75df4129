// Three threads that need the same static variable of a function: one of them initialises it, the
// others wait, and all see it.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <thread>

static int get() {
    static const std::unique_ptr<int> table = std::make_unique<int>(42);
    return *table;
}

static void work() {
    const int value = get();
    assert(value == 42);
}

int main() {
    std::thread first(work);
    std::thread second(work);
    std::thread third(work);
    first.join();
    second.join();
    third.join();
}
