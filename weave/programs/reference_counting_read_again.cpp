// A reference count whose owners decrement it and then read it in a second step: two of them may
// both find that it is zero, and both free the object's buffer.
// verdict: double-free
// options: mode=random executions=20000
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

struct Handle {
    std::atomic<int> owners = 2;
    void* const buffer = std::malloc(16);

    void let_go() {
        owners.fetch_sub(1);
        if (owners.load() == 0) {
            std::free(buffer);
        }
    }
};

int main() {
    const auto handle = std::make_unique<Handle>();
    std::thread first([&handle] { handle->let_go(); });
    std::thread second([&handle] { handle->let_go(); });
    first.join();
    second.join();
}
