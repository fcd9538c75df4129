// A message through a flag. Of its four memory orders two are stronger than needed, and the store
// of `flag` and the load in the loop are needed, but the load need not be seq_cst.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

int message = 0;
std::atomic<int> flag{0};
std::atomic<int> visits{0};

}  // namespace

int main() {
    std::thread writer([] {
        message = 42;
        visits.fetch_add(1);
        flag.store(1, std::memory_order_release);
    });
    std::thread reader([] {
        if (flag.load() == 1) {
            assert(message == 42);
            visits.fetch_add(1, std::memory_order_acq_rel);
        }
    });
    writer.join();
    reader.join();
}
