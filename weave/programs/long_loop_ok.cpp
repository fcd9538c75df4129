// A loop of 100,000 rounds under a lock is long, and right.
// verdict: ok
// options: executions=4
#include <mutex>

std::mutex guard;
long sum = 0;

int main() {
    for (int i = 0; i < 100'000; ++i) {
        const std::lock_guard lock(guard);
        sum += i;
    }
    return sum == 4'999'950'000 ? 0 : 1;
}
