// A thread that aborts the program when it finds two others at the same place.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

static void visit(std::atomic<int>& inside) {
    inside.fetch_add(1);
    inside.fetch_sub(1);
}

int main() {
    const auto inside = std::make_unique<std::atomic<int>>(0);
    std::thread first([&inside] { visit(*inside); });
    std::thread second([&inside] { visit(*inside); });
    std::thread watcher([&inside] {
        if (inside->load() == 2) {
            std::abort();
        }
    });
    first.join();
    second.join();
    watcher.join();
}
