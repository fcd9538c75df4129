// Three findings to suppress one after the other.
#include <thread>

int hits = 0;
int total = 0;
int* volatile lost = nullptr;

__attribute__((noinline)) void count_hit() { ++hits; }

__attribute__((noinline)) void add_total() { ++total; }

__attribute__((noinline)) void lose() {
    for (int i = 0; i < 3; ++i) {
        lost = new int(i);
    }
    lost = nullptr;
}

int main() {
    std::thread other([] {
        count_hit();
        add_total();
    });
    count_hit();
    add_total();
    other.join();
    lose();
}
