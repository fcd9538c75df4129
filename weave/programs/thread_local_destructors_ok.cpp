// Objects that each thread has of its own, with memory on the heap: they are destroyed when the
// thread ends, which happens before joining it returns.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <thread>

struct Log {
    std::unique_ptr<int> entries;
    int* total = nullptr;
    ~Log() {
        if (total != nullptr) {
            *total = *entries;
        }
    }
};

static thread_local Log own_log;

static void work(int count, int* total) {
    own_log.entries = std::make_unique<int>(0);
    own_log.total = total;
    for (int entry = 0; entry < count; ++entry) {
        ++*own_log.entries;
    }
}

int main() {
    const auto totals = std::make_unique<int[]>(2);
    std::thread first([&totals] { work(1, &totals[0]); });
    std::thread second([&totals] { work(2, &totals[1]); });
    first.join();
    second.join();
    assert(totals[0] == 1 && totals[1] == 2);
}
