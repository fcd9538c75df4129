// Two threads format into one line.
// verdict: data-race
// options: mode=random executions=100
#include <pthread.h>
#include <stdio.h>

static char line[32];

static void* format(void* name) {
    snprintf(line, sizeof line, "from %s", (const char*)name);
    return NULL;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, format, "one");
    format("other");
    pthread_join(thread, NULL);
    return 0;
}
