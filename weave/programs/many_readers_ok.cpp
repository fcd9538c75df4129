// Two dozen threads that read the same eight bytes one by one, with a lock in between: when they
// have ended, these may be written.
// verdict: ok
// options: mode=random executions=1000
#include <cassert>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

struct Text {
    alignas(8) char bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
};

static void read(const Text& text) {
    std::mutex mutex;
    int sum = 0;
    for (const char byte : text.bytes) {
        const std::lock_guard guard(mutex);
        sum += byte;
    }
    assert(sum == 36);
}

int main() {
    const auto text = std::make_unique<Text>();
    std::vector<std::thread> readers;
    for (int number = 0; number < 24; ++number) {
        readers.emplace_back([&text] { read(*text); });
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    text->bytes[0] = 0;
    text->bytes[7] = 0;
}
