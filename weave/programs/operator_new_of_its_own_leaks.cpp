// Blocks of the program's own operator new that no thread frees.
// verdict: leak
// options: mode=random executions=10
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) { return std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

static int* volatile last = nullptr;

int main() {
    for (int i = 0; i < 10; ++i) {
        last = new int(i);
    }
    last = nullptr;
}
