// Each execution leaves a file, a pipe and the standard input that it has closed: the next one
// finds the descriptors as the first one did.
// verdict: ok
// options: mode=random executions=3000
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int descriptors[2];
    assert(pipe(descriptors) == 0 && descriptors[0] < 16);
    assert(open("/dev/null", O_RDONLY) == descriptors[1] + 1);
    assert(fopen("/dev/null", "r") != NULL);
    assert(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    close(STDIN_FILENO);
    return 0;
}
