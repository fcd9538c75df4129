// A thread starts another process, which ends at once or runs another program, and waits for it.
// verdict: ok
// options: mode=random executions=20
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <thread>

static int status_of(bool runs_other) {
    const pid_t child = fork();
    if (child == 0) {
        if (runs_other) {
            execl("/bin/sh", "sh", "-c", "exit 3", nullptr);
        }
        _exit(4);
    }
    int status = 0;
    const pid_t ended = waitpid(child, &status, 0);
    assert(ended == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

int main() {
    std::thread other([] { assert(status_of(true) == 3); });
    assert(status_of(false) == 4);
    other.join();
}
