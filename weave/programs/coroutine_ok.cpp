// A coroutine that begins in one thread and is resumed by another, which ends it.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <coroutine>
#include <exception>
#include <thread>

struct Task {
    struct promise_type {
        int value = 0;

        Task get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(int result) { value = result; }
        void unhandled_exception() { std::terminate(); }
    };

    std::coroutine_handle<promise_type> handle;
};

static Task compute(int argument) {
    const int next = argument + 1;
    co_await std::suspend_always{};
    co_return next * 2;
}

int main() {
    const Task task = compute(3);
    task.handle.resume();
    std::thread other([&task] { task.handle.resume(); });
    other.join();
    assert(task.handle.done() && task.handle.promise().value == 8);
    task.handle.destroy();
}
