// Calls weave::explore() and checks its verdicts: a counter that two threads increment atomically
// is right, one that they load and store is not. Exits 0 if weave says so.
#include <weave/weave.h>

#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

namespace {

template <class Increment>
weave::Result explore(Increment increment) {
    weave::Options options;
    options.mode = weave::Mode::exhaustive;
    options.is_quiet = true;
    return weave::explore(options, [&] {
        std::atomic<int> counter{0};
        std::thread other([&] { increment(counter); });
        increment(counter);
        other.join();
        assert(counter.load() == 2);
    });
}

}  // namespace

int main() {
    const weave::Result right = explore([](std::atomic<int>& counter) { counter.fetch_add(1); });
    const weave::Result wrong =
        explore([](std::atomic<int>& counter) { counter.store(counter.load() + 1); });
    std::printf("right: %s%s, wrong: %s\n", weave::name_of(right.verdict),
                right.is_complete ? " complete" : "", weave::name_of(wrong.verdict));
    return right.verdict == weave::Verdict::ok && right.is_complete &&
                   wrong.verdict == weave::Verdict::assertion && !wrong.finding.schedule.empty()
               ? 0
               : 1;
}
