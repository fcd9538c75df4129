// A detached thread that hands its result over by a promise: its starter waits for that, and the
// thread touches nothing of the starter's later.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <future>
#include <thread>
#include <utility>

int main() {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread([own = std::move(promise)]() mutable { own.set_value(7); }).detach();
    const int value = future.get();
    assert(value == 7);
}
