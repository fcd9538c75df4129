// strlen() of a block that has no 0 at its end.
// verdict: out-of-bounds
// options: mode=random executions=10
#include <stdlib.h>
#include <string.h>

int main(void) {
    char* const text = malloc(8);
    memset(text, 'x', 8);
    const size_t length = strlen(text);
    free(text);
    return length == 8 ? 0 : 1;
}
