// Two threads that each put an object into an empty place unless the other one was there already:
// they test and put in two steps, and one of the objects is lost.
// verdict: leak
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Place {
    std::atomic<int*> object = nullptr;
    ~Place() { delete object.load(); }

    void put() {
        if (object.load() == nullptr) {
            object.store(new int(1));
        }
    }
};

int main() {
    const auto place = std::make_unique<Place>();
    std::thread first([&place] { place->put(); });
    std::thread second([&place] { place->put(); });
    first.join();
    second.join();
}
