// As many steps as there were executions before: a file outlives each of them.
#include <atomic>
#include <fstream>

std::atomic<int> n{0};

int main() {
    int count = 0;
    std::ifstream("count") >> count;
    std::ofstream("count") << count + 1;
    for (int i = 0; i < count; ++i) {
        ++n;
    }
}
