// A variable of each thread that the constructor of a global object changes before main: it is
// main's, and the other thread's has its first value.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <thread>

static thread_local int own = 5;

static const struct Start {
    Start() { own = 7; }
} start;

int main() {
    assert(own == 7);
    own = 8;
    std::thread other([] {
        assert(own == 5);
        own = 6;
    });
    other.join();
    assert(own == 8);
}
