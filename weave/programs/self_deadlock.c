// A thread that takes a lock that it already holds: it waits for itself forever.
// verdict: deadlock
// options: mode=random executions=100
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void count(int* number) {
    pthread_mutex_lock(&mutex);
    ++*number;
    pthread_mutex_unlock(&mutex);
}

static void* work(void* number) {
    pthread_mutex_lock(&mutex);
    count(number);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void) {
    static int number = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, work, &number);
    pthread_join(thread, NULL);
    return 0;
}
