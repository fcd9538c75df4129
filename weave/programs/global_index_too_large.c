// An index that is one too large for a global array: the object behind it is not what was meant.
// verdict: out-of-bounds
// options: mode=random executions=10
#include <stddef.h>

static int counts[3];
static volatile size_t last = 3;

int main(void) {
    for (size_t i = 0; i <= last; ++i) {
        counts[i] = 1;
    }
    return counts[last - 1] == 1 ? 0 : 1;
}
