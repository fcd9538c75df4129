// A program that prints a line when it crashes: the crash is the finding all the same.
// verdict: crash
// options: mode=random executions=10
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static void on_crash(int number) {
    const ssize_t size = write(STDERR_FILENO, "crashed\n", 8);
    _exit(size == 8 ? number : 1);
}

int main(void) {
    signal(SIGSEGV, on_crash);
    int* volatile pointer = NULL;
    return *pointer;
}
