// Each execution leaves the higher end of a pipe open and closes the lower one: the next one finds
// both numbers free.
// verdict: ok
// options: mode=random executions=3000
#include <assert.h>
#include <unistd.h>

int main(void) {
    int descriptors[2];
    assert(pipe(descriptors) == 0 && descriptors[1] == descriptors[0] + 1);
    close(descriptors[0]);
    return 0;
}
