// Uses memory at another place in each execution.
#include <sys/mman.h>
#include <x86intrin.h>

#include <atomic>
#include <cstdint>
#include <thread>

std::atomic<int> n{0};

int main() {
    const size_t size = 16 * 4096;
    const uintptr_t place = 0x100000000000 + __rdtsc() % (1 << 20) * (1 << 20);
    void* const pages = mmap(reinterpret_cast<void*>(place), size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t at = 0; at < size; at += 4096) {
        static_cast<char*>(pages)[at] = 1;
    }
    std::thread other([] { ++n; });
    other.join();
    munmap(pages, size);
}
