// A plain message published through a flag that is released and acquired.
// verdict: ok
// options: mode=exhaustive executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static int message = 0;
static atomic_int flag = 0;

static void* send_message(void* unused) {
    (void)unused;
    message = 7;
    atomic_store_explicit(&flag, 1, memory_order_release);
    return NULL;
}

static void* receive_message(void* unused) {
    (void)unused;
    if (atomic_load_explicit(&flag, memory_order_acquire) == 1) {
        assert(message == 7);
    }
    return NULL;
}

int main(void) {
    pthread_t sender;
    pthread_t receiver;
    pthread_create(&sender, NULL, send_message, NULL);
    pthread_create(&receiver, NULL, receive_message, NULL);
    pthread_join(sender, NULL);
    pthread_join(receiver, NULL);
    return 0;
}
