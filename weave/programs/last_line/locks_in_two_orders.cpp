// A deadlock of two threads, each in a function of its own.
#include <mutex>
#include <thread>

std::mutex first, second;

void take(std::mutex& a, std::mutex& b) {
    a.lock();
    b.lock();
    b.unlock();
    a.unlock();
}

__attribute__((noinline)) void forward() { take(first, second); }

__attribute__((noinline)) void back() { take(second, first); }

int main() {
    std::thread other(back);
    forward();
    other.join();
}
