// A child process posts to semaphores that it shares with its parent: one in mapped memory, and one
// with a name.
// verdict: ok
// options: mode=random executions=20
#include <assert.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    sem_t* const mapped =
        mmap(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(mapped != MAP_FAILED && sem_init(mapped, 1, 0) == 0);
    sem_t* const named = sem_open("/weave_programs", O_CREAT, 0600, 0);
    assert(named != SEM_FAILED);
    const pid_t child = fork();
    if (child == 0) {
        sem_wait(mapped);
        sem_post(sem_open("/weave_programs", 0));
        _exit(0);
    }
    assert(sem_post(mapped) == 0);
    assert(sem_wait(named) == 0);
    int status = -1;
    assert(waitpid(child, &status, 0) == child && status == 0);
    sem_unlink("/weave_programs");
    munmap(mapped, sizeof(sem_t));
}
