// Like compare_exchange_arguments_ok.c, but with the desired value: it is evaluated once too.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int mark;

int main(void) {
    int expected = 0;
    int wanted = 1;
    atomic_compare_exchange_weak(&mark, &expected, wanted++);
    assert(wanted == 2);
    return 0;
}
