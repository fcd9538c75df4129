// A weak compare-exchange whose arguments have side effects: they are evaluated once, whether the
// compiler has a function or a macro for it, and whether it fails or not.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int marks[2];
static int places[2];

static void* work(void* unused) {
    (void)unused;
    int expectations[2] = {0, 0};
    atomic_int* mark = marks;
    int* expectation = expectations;
    atomic_compare_exchange_weak(mark++, expectation++, 1);
    assert(mark == &marks[1] && expectation == &expectations[1]);
    int* place = places;
    expectation = expectations;
    __atomic_compare_exchange_n(place++, expectation++, 1, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    assert(place == &places[1] && expectation == &expectations[1]);
    return NULL;
}

int main(void) {
    pthread_t other;
    pthread_create(&other, NULL, work, NULL);
    work(NULL);
    pthread_join(other, NULL);
    return 0;
}
