// Reads from a pipe that stays empty, with a system call that weave does not see.
#include <unistd.h>

int main() {
    int ends[2];
    if (pipe(ends) != 0) {
        return 1;
    }
    char c;
    asm volatile("syscall" : : "a"(0), "D"(ends[0]), "S"(&c), "d"(1) : "rcx", "r11", "memory");
}
