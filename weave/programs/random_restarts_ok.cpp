// The numbers of rand() without a seed: each execution of the program begins with the same ones,
// and with the same as after srand(1).
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <cstdlib>
#include <thread>

int main() {
    const int first = std::rand();
    const int second = std::rand();
    std::thread other([first, second] {
        std::srand(1);
        const int first_again = std::rand();
        const int second_again = std::rand();
        assert(first_again == first && second_again == second);
    });
    other.join();
}
