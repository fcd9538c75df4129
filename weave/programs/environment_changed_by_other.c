// getenv() in one thread and setenv() in another.
// verdict: data-race
// options: mode=random executions=100
#include <pthread.h>
#include <stdlib.h>

static void* set(void* unused) {
    setenv("WEAVE_PROGRAM_COLOUR", "blue", 1);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, set, NULL);
    const int is_set = getenv("WEAVE_PROGRAM_COLOUR") != NULL;
    pthread_join(thread, NULL);
    return is_set == 2;
}
