// Heap blocks that only the C library writes to, with every value that a byte can have: the program
// reads what was written there.
// verdict: ok
// options: mode=random executions=5000
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

// One after the other, for each of them is the fill of some allocator.
static void look_at(unsigned char value) {
    const char text[] = {static_cast<char>(value), static_cast<char>(value), '\0'};
    char* const copy = strdup(text);
    assert(copy[0] == text[0] && copy[1] == text[1] && copy[2] == '\0');
    std::free(copy);
    const auto printed = std::make_unique_for_overwrite<char[]>(8);
    std::snprintf(printed.get(), 8, "%s%s", text, text);
    assert(printed[0] == text[0] && printed[3] == text[0] && printed[4] == '\0');
}

int main() {
    std::thread other([] {
        for (int value = 1; value < 128; ++value) {
            look_at(static_cast<unsigned char>(value));
        }
    });
    for (int value = 128; value < 256; ++value) {
        look_at(static_cast<unsigned char>(value));
    }
    other.join();
}
