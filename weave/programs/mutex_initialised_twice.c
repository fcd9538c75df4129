// Two functions that both initialise the same mutex.
// verdict: assertion
// options: mode=random executions=10
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t mutex;

static void set_up(void) { pthread_mutex_init(&mutex, NULL); }

int main(void) {
    set_up();
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    set_up();
    return 0;
}
