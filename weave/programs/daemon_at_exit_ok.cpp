// A detached thread that still waits for work when main returns: the program ends anyway.
// verdict: ok
// options: mode=random executions=20000
#include <condition_variable>
#include <mutex>
#include <thread>

struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    bool has_work = false;
};

// Never destroyed, or the daemon would wait on a destroyed object.
static Queue& get_queue() {
    static Queue* const queue = new Queue;
    return *queue;
}

static void serve() {
    Queue& queue = get_queue();
    std::unique_lock guard(queue.mutex);
    queue.changed.wait(guard, [&queue] { return queue.has_work; });
}

int main() { std::thread(serve).detach(); }
