// A program that reads its arguments by getopt(), whose progress the C library remembers: each
// execution reads all of them.
// verdict: ok
// options: mode=random executions=20000
#include <assert.h>
#include <stddef.h>
#include <unistd.h>

int main(void) {
    char name[] = "program";
    char first[] = "-a";
    char second[] = "-b";
    char* arguments[] = {name, first, second, NULL};
    int count = 0;
    while (getopt(3, arguments, "ab") != -1) {
        ++count;
    }
    assert(count == 2);
    assert(optind == 3);
    return 0;
}
