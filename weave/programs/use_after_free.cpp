// A thread that reads an object under a lock, and one that frees it under the same lock: they do
// not race, but the reader may come second.
// verdict: use-after-free
// options: mode=random executions=20000
#include <memory>
#include <mutex>
#include <thread>

struct Place {
    std::mutex mutex;
    int* const object = new int(1);
    int seen = 0;

    void read() {
        const std::lock_guard guard(mutex);
        seen = *object;
    }

    void free() {
        const std::lock_guard guard(mutex);
        delete object;
    }
};

int main() {
    const auto place = std::make_unique<Place>();
    std::thread reader([&place] { place->read(); });
    std::thread owner([&place] { place->free(); });
    reader.join();
    owner.join();
}
