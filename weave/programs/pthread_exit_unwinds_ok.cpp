// A thread that ends by pthread_exit() deep inside: its objects are destroyed on the way out, among
// them the guard of a lock.
// verdict: ok
// options: mode=random executions=10000
#include <pthread.h>

#include <cassert>
#include <mutex>

static std::mutex mutex;
static int destroyed = 0;

struct Counted {
    ~Counted() { ++destroyed; }
};

static void end(int depth) {
    const Counted counted;
    if (depth == 0) {
        pthread_exit(nullptr);
    }
    end(depth - 1);
}

static void* work(void*) {
    const std::lock_guard guard(mutex);
    end(2);
    return nullptr;
}

int main() {
    pthread_t first;
    pthread_t second;
    pthread_create(&first, nullptr, work, nullptr);
    pthread_create(&second, nullptr, work, nullptr);
    pthread_join(first, nullptr);
    pthread_join(second, nullptr);
    const std::lock_guard guard(mutex);
    assert(destroyed == 6);
}
