// What asking for pending messages costs, next to what asking under a free lock would: the wait
// list's own lock, and a std::mutex.
#include <memory>
#include <mutex>

#include "bench/mailbox/registry.h"
#include "src/a2a3/platform.h"

namespace bench {
namespace {

constexpr int64_t turns = 500'000;
/// Enough in one turn that the loop around them costs nothing.
constexpr int64_t questions_per_turn = 16;

/// Times `question`, whose atomic accesses the compiler has to repeat each time.
template <class Question>
void ask(benchmark::State& state, Question&& question) {
    for (auto _ : state) {
        bool yes = false;
#pragma GCC unroll 16
        for (int64_t i = 0; i < questions_per_turn; ++i) {
            yes |= question();
        }
        benchmark::DoNotOptimize(yes);
    }
    state.SetItemsProcessed(state.iterations() * questions_per_turn);
}

void ask_mailbox(benchmark::State& state) {
    const auto ring = std::make_unique<pto::ShippedMailbox>();
    benchmark::DoNotOptimize(ring.get());
    ask(state, [&] { return ring->has_pending(); });
}

void ask_wait_list_lock(benchmark::State& state) {
    const auto list = std::make_unique<pto::a2a3::AsyncWaitList>();
    benchmark::DoNotOptimize(list.get());
    ask(state, [&] {
        const bool is_locked = list->try_lock();
        list->unlock();
        return is_locked;
    });
}

void ask_mutex(benchmark::State& state) {
    std::mutex mutex;
    benchmark::DoNotOptimize(&mutex);
    ask(state, [&] {
        const bool is_locked = mutex.try_lock();
        mutex.unlock();
        return is_locked;
    });
}

[[maybe_unused]] const bool registered = [] {
    cells().push_back({"has_pending", "mailbox", ask_mailbox, turns, false});
    cells().push_back({"has_pending", "wait_list_lock", ask_wait_list_lock, turns, false});
    cells().push_back({"has_pending", "std_mutex", ask_mutex, turns, false});
    return true;
}();

}  // namespace
}  // namespace bench
