// Two threads that hand a plain number back and forth by two semaphores, of which one is up at a
// time.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <memory>
#include <semaphore>
#include <thread>

struct Shared {
    std::binary_semaphore there{0};
    std::binary_semaphore back{0};
    int value = 0;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] {
        for (int round = 0; round < 2; ++round) {
            ++shared->value;
            shared->there.release();
            shared->back.acquire();
        }
    });
    std::thread second([&shared] {
        for (int round = 0; round < 2; ++round) {
            shared->there.acquire();
            ++shared->value;
            shared->back.release();
        }
    });
    first.join();
    second.join();
    assert(shared->value == 4);
}
