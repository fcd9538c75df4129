// A sequence lock whose reader compares the two numbers but accepts odd ones: it reads halves of
// two records while the writer is between them.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Record {
    std::atomic<unsigned> sequence = 0;
    std::atomic<int> left = 0;
    std::atomic<int> right = 0;

    void write(int value) {
        const unsigned before = sequence.load();
        sequence.store(before + 1);
        left.store(value);
        right.store(value);
        sequence.store(before + 2);
    }

    void read() {
        for (;;) {
            const unsigned before = sequence.load();
            const int seen_left = left.load();
            const int seen_right = right.load();
            const unsigned after = sequence.load();
            if (before == after) {
                assert(seen_left == seen_right);
                return;
            }
        }
    }
};

int main() {
    const auto record = std::make_unique<Record>();
    std::thread writer([&record] { record->write(1); });
    std::thread reader([&record] { record->read(); });
    writer.join();
    reader.join();
}
