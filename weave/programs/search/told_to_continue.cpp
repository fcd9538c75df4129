// Threads that wait for one another by atomic waits and a semaphore.
#include <atomic>
#include <cassert>
#include <semaphore>
#include <thread>

static int data;
static std::atomic<int> is_ready{0};
static std::atomic<long long> is_over{0};
static std::counting_semaphore<4> passed_on{0};

int main() {
    std::thread first([] {
        data = 1;
        is_ready.store(1, std::memory_order_release);
        is_ready.notify_one();
        is_over.store(1);
        is_over.notify_all();
    });
    std::thread second([] {
        is_ready.wait(0, std::memory_order_acquire);
        assert(data == 1);
        passed_on.release();
    });
    std::thread third([] {
        passed_on.acquire();
        assert(data == 1);
        is_over.wait(0);
    });
    first.join();
    second.join();
    third.join();
    return 0;
}
