// A message, and what the argument changes of it: nothing that can be seen, or something that only
// a number for all executions shows.
#include <atomic>
#include <cstring>
#include <thread>

namespace {

int message;
int kept;
std::atomic<int> first, second;

/// Stores whose order decides what the other thread can see.
void store_two(bool is_swapped) {
    (is_swapped ? second : first).store(1, std::memory_order_release);
    (is_swapped ? first : second).store(1, std::memory_order_release);
}

}  // namespace

int main(int argc, char** argv) {
    const auto is = [&](const char* change) {
        return argc > 1 && std::strcmp(argv[1], change) == 0;
    };
    std::thread sender([&] {
        message = is("message") ? 2 : 1;
        if (is("written_twice")) {
            message = 1;
        }
        kept = is("kept") ? 1 : 0;
        store_two(is("swapped"));
        first.store(is("value") ? 3 : 2,
                    is("stronger") ? std::memory_order_seq_cst : std::memory_order_relaxed);
    });
    if (second.load(std::memory_order_acquire) == 1 && message != 0) {
        first.load(std::memory_order_relaxed);
    }
    sender.join();
    return argc > 2 ? kept : 0;
}
