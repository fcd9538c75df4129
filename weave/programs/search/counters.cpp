// Three threads add 1, fourteen times in all: a search of some seconds whose size is known. With an
// argument they do it so often that the search does not end.
#include <atomic>
#include <thread>

int main(int argc, char**) {
    const int times = argc > 1 ? 20 : 5;
    std::atomic<int> count{0};
    const auto add = [&](int times) {
        for (int i = 0; i < times; ++i) {
            count.fetch_add(1, std::memory_order_relaxed);
        }
    };
    std::thread first(add, times);
    std::thread second(add, times);
    add(4);
    first.join();
    second.join();
}
