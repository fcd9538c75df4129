// A recursion of twenty thousand calls, in a thread and in main, whose frames are linked: a
// system's stack of eight megabytes has room for them.
// verdict: ok
// options: mode=random executions=100
#include <cassert>
#include <thread>

struct Frame {
    const Frame* caller;
    long number;
};

static long sum_of(const Frame* frame) {
    long sum = 0;
    for (; frame != nullptr; frame = frame->caller) {
        sum += frame->number;
    }
    return sum;
}

[[gnu::noinline]] static long recurse(const Frame* caller, long number) {
    const Frame own = {caller, number};
    const long sum = number == 0 ? sum_of(&own) : recurse(&own, number - 1);
    // Used after the call, so that the compiler cannot replace the call by a jump.
    return sum + own.number - number;
}

static void work() {
    const long sum = recurse(nullptr, 20'000);
    assert(sum == 200'010'000);
}

int main() {
    std::thread other(work);
    work();
    other.join();
}
