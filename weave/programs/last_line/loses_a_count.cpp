// Two threads count in two steps each, and the exit status is how many counts are lost.
#include <atomic>
#include <thread>

std::atomic<int> n{0};

int main() {
    std::thread other([] { n = n + 1; });
    n = n + 1;
    other.join();
    return n - 2;
}
