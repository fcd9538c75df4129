// A thread reads from a pipe whose other end is open in its own process, and to which no thread
// writes.
// verdict: deadlock
// options: mode=random executions=10
#include <unistd.h>

int main(void) {
    int descriptors[2];
    char byte;
    return pipe(descriptors) == 0 && read(descriptors[0], &byte, 1) == 1 ? 0 : 1;
}
