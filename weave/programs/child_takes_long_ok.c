// A thread reads from a pipe that a child process writes to after more than a second.
// verdict: ok
// options: mode=random executions=1
#include <assert.h>
#include <unistd.h>

int main(void) {
    int descriptors[2];
    assert(pipe(descriptors) == 0);
    if (fork() == 0) {
        usleep(1200 * 1000);
        _exit(write(descriptors[1], "x", 1) == 1 ? 0 : 1);
    }
    char byte;
    assert(read(descriptors[0], &byte, 1) == 1 && byte == 'x');
    return 0;
}
