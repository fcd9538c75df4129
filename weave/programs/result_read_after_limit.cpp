// The result of a worker is read when the time is up, though the worker may still write it.
// verdict: data-race
// options: mode=exhaustive executions=0
#include <chrono>
#include <future>
#include <thread>

static int result = 0;

int main() {
    std::promise<void> promise;
    const std::future<void> future = promise.get_future();
    std::thread worker([&promise] {
        result = 42;
        promise.set_value();
    });
    future.wait_for(std::chrono::seconds(1));  // must look at what it returns
    const int seen = result;
    worker.join();
    return seen == 42 ? 0 : 1;
}
