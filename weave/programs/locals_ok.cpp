// Local and global objects within their bounds and lives: arrays that other functions fill, objects
// that exceptions and recursion leave, and a thread that uses its starter's variable in time.
// verdict: ok
// options: mode=random executions=200
#include <array>
#include <cassert>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

static int numbers[5];

static void fill(int* to, int count) { std::iota(to, to + count, 0); }

static int depth_of(int depth) {
    std::array<int, 8> local{};
    fill(local.data(), 8);
    if (depth == 0) {
        throw std::runtime_error("deep " + std::to_string(local[7]));
    }
    return depth_of(depth - 1) + local[0];
}

int main() {
    fill(numbers, 5);
    int sum = 0;
    std::thread other([&sum] {
        for (int round = 0; round < 3; ++round) {
            int local[3];
            fill(local, 3);
            sum += local[2];
        }
    });
    try {
        depth_of(5);
        assert(false);
    } catch (const std::runtime_error& error) {
        assert(std::string(error.what()) == "deep 7");
    }
    other.join();
    assert(sum == 6 && numbers[4] == 4);
}
