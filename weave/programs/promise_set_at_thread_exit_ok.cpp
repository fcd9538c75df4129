// A promise that becomes ready at the end of a thread: what the thread has done, with its
// thread_local objects too, happens before the future is ready.
// verdict: ok
// options: mode=mix executions=2000
#include <cassert>
#include <future>
#include <thread>
#include <utility>

static int written = 0;
static int destroyed = 0;

struct Local {
    ~Local() { destroyed = 1; }
    int value = 0;
};
thread_local Local local;

int main() {
    std::promise<int> promise;
    std::future<int> result = promise.get_future();
    std::thread worker([own = std::move(promise)]() mutable {
        own.set_value_at_thread_exit(7);
        local.value = 1;
        written = 2;
    });
    assert(result.get() == 7);
    assert(written == 2 && destroyed == 1);
    worker.join();
}
