// A shared pointer that one thread replaces while the other one copies it, by the functions that
// came before atomic<shared_ptr>: the library takes a lock of its own for that.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <memory>
#include <thread>

int main() {
    const auto place = std::make_unique<std::shared_ptr<int>>(std::make_shared<int>(1));
    std::thread writer([&place] { std::atomic_store(place.get(), std::make_shared<int>(2)); });
    const std::shared_ptr<int> seen = std::atomic_load(place.get());
    assert(*seen == 1 || *seen == 2);
    writer.join();
    assert(**place == 2);
}
