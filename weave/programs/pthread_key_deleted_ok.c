// The destructor of a key is not called after the key is deleted, nor for the thread that returns
// from main().
// verdict: ok
// options: mode=random executions=200
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_key_t deleted;
static pthread_key_t kept;
static int value;

static void destroy(void* bytes) {
    assert(bytes != &value);
    free(bytes);
}

static void* use(void* unused) {
    pthread_setspecific(deleted, &value);
    pthread_setspecific(kept, malloc(8));
    pthread_key_delete(deleted);
    return unused;
}

int main(void) {
    pthread_key_create(&deleted, destroy);
    pthread_key_create(&kept, destroy);
    pthread_setspecific(kept, &value);
    pthread_t thread;
    pthread_create(&thread, NULL, use, NULL);
    pthread_join(thread, NULL);
}
