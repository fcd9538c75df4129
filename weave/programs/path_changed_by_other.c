// A thread removes the file at a path that another thread still writes.
// verdict: data-race
// options: mode=random executions=100
#include <pthread.h>
#include <unistd.h>

static char path[16] = "weave.none";

static void* rename_it(void* unused) {
    path[6] = 'N';
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, rename_it, NULL);
    unlink(path);
    pthread_join(thread, NULL);
    return 0;
}
