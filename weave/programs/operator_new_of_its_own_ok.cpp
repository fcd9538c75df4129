// A program with its own operator new and delete, which count.
// verdict: ok
// options: mode=random executions=100
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

static std::atomic<int> blocks = 0;

void* operator new(std::size_t size) {
    ++blocks;
    void* const memory = std::malloc(size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void operator delete(void* memory) noexcept {
    blocks -= memory != nullptr;
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

int main() {
    std::thread other([] { std::make_unique<int>(1); });
    std::make_unique<int>(2);
    other.join();
    assert(blocks >= 0);
}
