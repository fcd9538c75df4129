// A thread that ends the program by exit() while main waits for it: handlers registered with
// atexit() still run, once, and no thread waits any longer.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <cstdlib>
#include <thread>

static int count = 0;

static void count_exit() {
    ++count;
    assert(count == 1);
}

int main() {
    const int failed = std::atexit(count_exit);
    assert(failed == 0);
    std::thread last([] { std::exit(0); });
    last.join();
    assert(false);
}
