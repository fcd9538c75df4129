// Two threads write to one element of a local array, which the first one has handed to the other.
// The compiler's own instrumentation leaves out the accesses of the function that has the array.
// verdict: data-race
// options: mode=mix executions=100 status=ignore
#include <thread>

struct Numbers {
    int first = 0;
    int second[2] = {0, 0};
};

int main() {
    Numbers numbers;
    std::thread other([&numbers] { numbers.second[1] = 1; });
    numbers.second[1] = 2;
    other.join();
    return numbers.second[1];
}
