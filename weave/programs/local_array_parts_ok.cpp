// Threads write to different elements of a local array, and the function that has it reads them all
// when they have ended.
// verdict: ok
// options: mode=mix executions=1000
#include <array>
#include <cassert>
#include <thread>

int main() {
    std::array<int, 3> parts{};
    std::thread first([&parts] { parts[0] = 1; });
    std::thread second([&parts] { parts[1] = 2; });
    parts[2] = 3;
    first.join();
    second.join();
    assert(parts[0] + parts[1] + parts[2] == 6);
}
