// A thread that starts another process: weave reports that it does not model that.
// verdict: unsupported
// options: mode=random executions=5000
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <thread>

static void start_process() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    const pid_t ended = waitpid(child, nullptr, 0);
    assert(ended == child);
}

int main() {
    std::thread other(start_process);
    other.join();
}
