// memset() of a global buffer with the size of another one.
// verdict: out-of-bounds
// options: mode=random executions=10
#include <stddef.h>
#include <string.h>

static char small[20];
static volatile size_t size_of_large = 64;

int main(void) {
    memset(small, 'x', size_of_large);
    return small[0] == 'x' ? 0 : 1;
}
