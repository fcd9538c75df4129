// An atomic wait, its notification and a fence, and then a semaphore that is never released.
#include <atomic>
#include <semaphore>
#include <thread>

std::binary_semaphore gate(0);
std::atomic<int> turn{0};

int main() {
    std::thread other([] {
        turn.wait(0);
        std::atomic_thread_fence(std::memory_order_acquire);
        gate.acquire();
    });
    turn = 1;
    turn.notify_one();
    other.join();
}
