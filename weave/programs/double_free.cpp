// Two threads that each take an object out of a place and free it: they test and take in two steps,
// and both may free the same one.
// verdict: double-free
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Place {
    std::atomic<int*> object = new int(1);

    void take() {
        int* const seen = object.load();
        if (seen != nullptr) {
            object.store(nullptr);
            delete seen;
        }
    }
};

int main() {
    const auto place = std::make_unique<Place>();
    std::thread first([&place] { place->take(); });
    std::thread second([&place] { place->take(); });
    first.join();
    second.join();
}
