// A barrier, a once, a signal and a semaphore, and then a lock that is never released.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include <mutex>
#include <thread>

namespace {

pthread_barrier_t meeting;
pthread_once_t once = PTHREAD_ONCE_INIT;
sem_t gate;
std::mutex last;

void begin() {}
void handle(int) {}

void work() {
    pthread_once(&once, begin);
    pthread_barrier_wait(&meeting);
    sem_wait(&gate);
    last.lock();
}

}  // namespace

int main() {
    signal(SIGUSR1, handle);
    pthread_barrier_init(&meeting, nullptr, 2);
    sem_init(&gate, 0, 0);
    last.lock();
    std::thread other(work);
    pthread_kill(other.native_handle(), SIGUSR1);
    pthread_barrier_wait(&meeting);
    sem_post(&gate);
    other.join();
}
