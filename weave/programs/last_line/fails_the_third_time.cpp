// Fails in the third execution only, because a file counts them.
#include <cassert>
#include <fstream>

int main() {
    int count = 0;
    std::ifstream("count") >> count;
    std::ofstream("count") << count + 1;
    assert(count != 2);
}
