// A counter on the heap that is published before it is set to zero: a reader that is quick reads
// what no thread has written. All accesses are atomic, so this is not a race.
// verdict: uninitialized
// options: mode=random executions=20000
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<int*> published = nullptr;
    std::atomic<int> seen = 0;
    ~Shared() { std::free(published.load()); }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread writer([&shared] {
        int* const counter = static_cast<int*>(std::malloc(sizeof(int)));
        shared->published.store(counter);
        std::atomic_ref(*counter).store(0);
    });
    std::thread reader([&shared] {
        if (int* const counter = shared->published.load()) {
            shared->seen.store(std::atomic_ref(*counter).load());
        }
    });
    writer.join();
    reader.join();
}
