// Mutexes that are initialised again after their destruction, and others at the same place of the
// stack or in a reused block.
// verdict: ok
// options: mode=random executions=1000
#include <pthread.h>
#include <stdlib.h>

static void use(pthread_mutex_t* mutex) {
    pthread_mutex_init(mutex, NULL);
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
}

static void use_local(void) {
    pthread_mutex_t mutex;
    use(&mutex);
}

int main(void) {
    static pthread_mutex_t global;
    for (int i = 0; i < 2; ++i) {
        use(&global);
        pthread_mutex_destroy(&global);
        use_local();
        pthread_mutex_t* const own = malloc(sizeof *own);
        use(own);
        free(own);
    }
    return 0;
}
