// An exception that no thread catches.
#include <stdexcept>
#include <thread>

__attribute__((noinline)) void check(int n) {
    if (n > 0) {
        throw std::out_of_range("too far");
    }
}

int main() {
    std::jthread other([] { check(1); });
}
