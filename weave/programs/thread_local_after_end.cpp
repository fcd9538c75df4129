// A thread hands out the address of its thread_local object, and ends.
// verdict: use-after-free
// options: mode=random executions=100
#include <thread>

static thread_local int number = 0;
static int* address = nullptr;

int main() {
    std::thread other([] {
        number = 7;
        address = &number;
    });
    other.join();
    return *address == 7 ? 0 : 1;
}
