// A lock and a condition variable that a process shares with its child: what the child does to them
// is not seen.
// verdict: unsupported
// options: mode=random executions=20
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int is_ready;
};

int main(void) {
    struct shared* const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t of_mutex;
    pthread_mutexattr_init(&of_mutex);
    pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &of_mutex);
    pthread_condattr_t of_condition;
    pthread_condattr_init(&of_condition);
    pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&shared->changed, &of_condition);
    const pid_t child = fork();
    if (child == 0) {
        usleep(100000);
        pthread_mutex_lock(&shared->mutex);
        shared->is_ready = 1;
        pthread_cond_signal(&shared->changed);
        pthread_mutex_unlock(&shared->mutex);
        _exit(0);
    }
    pthread_mutex_lock(&shared->mutex);
    while (!shared->is_ready) {
        pthread_cond_wait(&shared->changed, &shared->mutex);
    }
    pthread_mutex_unlock(&shared->mutex);
    waitpid(child, NULL, 0);
}
