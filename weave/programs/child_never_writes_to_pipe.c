// A thread reads from a pipe that a child process was to write to, which has ended without; the
// program holds the other end open itself, so there is no end of file.
// verdict: deadlock
// options: mode=random executions=10
#include <assert.h>
#include <unistd.h>

int main(void) {
    int descriptors[2];
    assert(pipe(descriptors) == 0);
    if (fork() == 0) {
        _exit(0);
    }
    char byte;
    return read(descriptors[0], &byte, 1) == 1 ? 0 : 1;
}
