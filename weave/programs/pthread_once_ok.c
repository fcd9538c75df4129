// Three threads that need a table: one of them makes it, the others wait, and all see it.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int* table = NULL;

static void make_table(void) {
    table = malloc(sizeof *table);
    assert(table != NULL);
    *table = 42;
}

static void* work(void* unused) {
    (void)unused;
    pthread_once(&once, make_table);
    assert(*table == 42);
    return NULL;
}

int main(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 3; ++i) {
        pthread_join(threads[i], NULL);
    }
    free(table);
    return 0;
}
