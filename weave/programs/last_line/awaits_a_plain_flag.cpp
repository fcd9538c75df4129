// A thread waits in a loop for a plain flag of another one. Where it comes to that loop first it
// never lets others run, and the execution is cut off; another one has the race.
#include <thread>

struct Job {
    int number = 1;
    int is_done = 0;
    int result = 0;
};

int main() {
    Job job;
    std::thread worker([&job] {
        job.result = job.number + 1;
        job.is_done = 1;
    });
    while (job.is_done == 0) {
    }
    const int result = job.result;
    worker.join();
    return result - 2;
}
