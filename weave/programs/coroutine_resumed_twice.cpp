// Two threads that resume the same coroutine at the same time: both change where it resumes.
// verdict: data-race
// options: mode=random executions=20000
#include <coroutine>
#include <exception>
#include <thread>

struct Task {
    struct promise_type {
        Task get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };

    std::coroutine_handle<promise_type> handle;
};

static Task work() {
    co_await std::suspend_always{};
    co_await std::suspend_always{};
}

int main() {
    const Task task = work();
    std::thread other([&task] { task.handle.resume(); });
    task.handle.resume();
    other.join();
    task.handle.destroy();
}
