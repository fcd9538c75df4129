// snprintf() reads a name whose owner has been freed: the C library's reads are the program's.
// verdict: use-after-free
// options: mode=random executions=10
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char line[64];
    char* const name = strdup("a name");
    free(name);
    snprintf(line, sizeof line, "hello %5d %s\n", 7, name);
    return line[0] == 'h' ? 0 : 1;
}
