// What constructors of global objects have done to locks and the like is so in main() too: a
// function was called once, a barrier and a semaphore are initialised, a mutex and a lock are held.
// verdict: ok
// options: mode=random executions=500
#include <pthread.h>
#include <semaphore.h>
#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <thread>

static int calls = 0;
static void call() { ++calls; }
static std::once_flag flag;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static std::mutex mutex;
static std::shared_mutex shared;
static std::recursive_mutex recursive;
static pthread_barrier_t barrier;
static sem_t semaphore;

static const bool is_begun = [] {
    std::call_once(flag, call);
    pthread_once(&once, call);
    mutex.lock();
    shared.lock_shared();
    recursive.lock();
    recursive.lock();
    pthread_barrier_init(&barrier, nullptr, 2);
    return sem_init(&semaphore, 0, 3) == 0;
}();

int main() {
    std::call_once(flag, call);
    pthread_once(&once, call);
    assert(is_begun && calls == 2);
    std::thread other([] {
        const bool is_free = mutex.try_lock() || shared.try_lock() || recursive.try_lock();
        assert(!is_free);
        pthread_barrier_wait(&barrier);
        mutex.lock();
        mutex.unlock();
    });
    pthread_barrier_wait(&barrier);
    mutex.unlock();
    shared.unlock_shared();
    recursive.unlock();
    recursive.unlock();
    other.join();
    int left = 0;
    sem_getvalue(&semaphore, &left);
    assert(left == 3);
}
