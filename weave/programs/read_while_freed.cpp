// A thread reads a block that another one frees when a counter that nothing orders has come far
// enough: the read may come after the free, in whichever order the search finds them.
// verdict: use-after-free
// options: executions=1000
#include <atomic>
#include <thread>

std::atomic<int> votes{0};

int main() {
    int* const shared = new int(1);
    std::thread voter([] { votes.fetch_add(1, std::memory_order_relaxed); });
    std::thread reader([shared] {
        votes.fetch_add(1, std::memory_order_relaxed);
        if (*shared != 1) {
            votes.store(-1, std::memory_order_relaxed);
        }
    });
    while (votes.load(std::memory_order_relaxed) < 2) {
        std::this_thread::yield();
    }
    delete shared;
    voter.join();
    reader.join();
}
