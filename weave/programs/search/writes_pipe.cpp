// Writes to a pipe, which only depth-first search models.
#include <unistd.h>

#include <atomic>
#include <thread>

int main() {
    int ends[2];
    if (pipe(ends) != 0) {
        return 1;
    }
    std::atomic<int> steps{0};
    const auto step = [&] {
        for (int i = 0; i < 3; ++i) {
            const int seen = steps.load(std::memory_order_relaxed);
            steps.store(seen + 1, std::memory_order_relaxed);
        }
        (void)!write(ends[1], "", 1);
    };
    std::thread other(step);
    step();
    other.join();
    close(ends[0]);
    close(ends[1]);
}
