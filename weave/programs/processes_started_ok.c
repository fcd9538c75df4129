// Processes that posix_spawn(), vfork() and system() start. One reads what another thread writes
// after its parent waits for it already.
// verdict: ok
// options: mode=random executions=20
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
static int ends[2];

static void* feed(void* unused) {
    assert(write(ends[1], "x\n", 2) == 2);
    close(ends[1]);
    return unused;
}

int main(void) {
    assert(pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    char* arguments[] = {"sh", "-c", "read line; test \"$line\" = x", NULL};
    pid_t child;
    assert(posix_spawnp(&child, "sh", &actions, NULL, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    pthread_t thread;
    pthread_create(&thread, NULL, feed, NULL);
    int status = -1;
    assert(waitpid(child, &status, 0) == child && status == 0);
    pthread_join(thread, NULL);

    child = vfork();
    if (child == 0) {
        _exit(3);
    }
    assert(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
    assert(WEXITSTATUS(system("exit 4")) == 4);
}
