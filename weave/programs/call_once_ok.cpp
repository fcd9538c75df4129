// Three threads that need the same table: one of them makes it, the others wait, and all see it.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Lazy {
    std::once_flag once;
    std::unique_ptr<int> table;

    int get() {
        std::call_once(once, [this] { table = std::make_unique<int>(42); });
        return *table;
    }
};

static void work(Lazy& lazy) {
    const int value = lazy.get();
    assert(value == 42);
}

int main() {
    const auto lazy = std::make_unique<Lazy>();
    std::thread first([&lazy] { work(*lazy); });
    std::thread second([&lazy] { work(*lazy); });
    std::thread third([&lazy] { work(*lazy); });
    first.join();
    second.join();
    third.join();
}
