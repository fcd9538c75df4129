// A thread reads from a pipe that a child process writes to, and waits for the end of the child,
// which another thread must first let continue.
// verdict: ok
// options: mode=random executions=30
#include <assert.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static int to_child[2];
static int from_child[2];

static void* let_continue(void* unused) {
    assert(write(to_child[1], "a", 1) == 1);
    return unused;
}

int main(void) {
    assert(pipe(to_child) == 0 && pipe(from_child) == 0);
    const pid_t child = fork();
    if (child == 0) {
        char byte;
        _exit(read(to_child[0], &byte, 1) == 1 && write(from_child[1], "b", 1) == 1 ? 3 : 4);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, let_continue, NULL);
    int status = 0;
    assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3);
    char byte;
    assert(read(from_child[0], &byte, 1) == 1 && byte == 'b');
    assert(wait(NULL) == -1);
    pthread_join(thread, NULL);
    return 0;
}
