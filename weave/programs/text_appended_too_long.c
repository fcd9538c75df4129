// strcat() into a block that has room for the first text only.
// verdict: out-of-bounds
// options: mode=random executions=10
#include <stdlib.h>
#include <string.h>

int main(void) {
    char* const path = malloc(6);
    strcpy(path, "/tmp/");
    strcat(path, "name");
    const int is_path = path[0] == '/';
    free(path);
    return is_path ? 0 : 1;
}
