// A thread that uses a published pointer without testing it for null: when it comes first it reads
// through a null pointer.
// verdict: crash
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<int*> published = nullptr;
    ~Shared() { delete published.load(); }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread writer([&shared] { shared->published.store(new int(1)); });
    std::thread reader([&shared] {
        const int value = *shared->published.load();
        assert(value == 1);
    });
    writer.join();
    reader.join();
}
