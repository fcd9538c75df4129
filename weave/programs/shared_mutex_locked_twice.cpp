// A function that reads under a shared lock calls another one that takes the same lock
// ([thread.sharedmutex.requirements]).
// verdict: assertion
// options: mode=random executions=100
#include <shared_mutex>

static std::shared_mutex mutex;
static int entries = 3;

static int count() {
    const std::shared_lock guard(mutex);
    return entries;
}

static bool is_empty() {
    const std::shared_lock guard(mutex);
    return count() == 0;
}

int main() { return is_empty() ? 1 : 0; }
