// A task ends with an exception, which the thread that waits for it catches. The last of its two
// owners frees it, although the library counts them: a handler that ends gives it up.
// verdict: ok
// options: mode=mix executions=3000
#include <cassert>
#include <future>
#include <thread>
#include <utility>

int main() {
    std::packaged_task<int()> task([]() -> int { throw 5; });
    std::future<int> result = task.get_future();
    std::thread worker([own = std::move(task)]() mutable { own(); });
    try {
        result.get();
        assert(false);
    } catch (int code) {
        assert(code == 5);
    }
    result = {};
    worker.join();
}
