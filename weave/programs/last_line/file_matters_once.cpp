// Counts its executions in the file "count", and does more in one of them only: neither the first
// execution nor those after that one show that something outlives them.
#include <atomic>
#include <cstdio>

namespace {

int next_count() {
    int count = 0;
    if (std::FILE* const file = std::fopen("count", "r"); file != nullptr) {
        if (std::fscanf(file, "%d", &count) != 1) {
            count = 0;
        }
        std::fclose(file);
    }
    std::FILE* const file = std::fopen("count", "w");
    std::fprintf(file, "%d", count + 1);
    std::fclose(file);
    return count;
}

}  // namespace

int main() {
    std::atomic<int> steps{0};
    if (next_count() == 5) {
        ++steps;
    }
    return 0;
}
