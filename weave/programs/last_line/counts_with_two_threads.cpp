// Two threads count, as they should.
#include <atomic>
#include <thread>

std::atomic<int> n{0};

int main() {
    std::thread other([] { ++n; });
    ++n;
    other.join();
}
