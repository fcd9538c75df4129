// quick_exit() calls the handlers of at_quick_exit(), newest first, and no destructors of globals.
// verdict: ok
// options: mode=random executions=100
#include <cassert>
#include <cstdlib>
#include <thread>

static int calls = 0;

struct Global {
    ~Global() { std::abort(); }
} global;

static void first() { assert(calls++ == 1); }
static void second() { assert(calls++ == 0); }

static const bool is_registered = std::at_quick_exit(first) == 0;

int main() {
    assert(is_registered && std::at_quick_exit(second) == 0);
    std::thread other([] { std::quick_exit(0); });
    other.join();
}
