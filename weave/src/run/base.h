// What all of the runtime stands on: bounds, memory of its own, and a way to stop.
//
// While an execution runs, the runtime must not call the allocator, which belongs to the program
// under test. What lives for one execution comes from an Arena, which forgets everything at once;
// what grows over many comes from a Growing.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

namespace weave {

/// For variables of the runtime that live longer than an execution: they are left out when the
/// program's variables are put back to what they were.
#define WEAVE_KEPT __attribute__((section("weave_kept")))

/// For what lies on the path of every access: a call would cost as much as what it does.
#define WEAVE_HOT __attribute__((always_inline)) inline

inline constexpr unsigned threads_max = 64;
/// The bit of a thread in a set of threads.
constexpr uint64_t thread_bit(unsigned thread) { return uint64_t{1} << thread; }
inline constexpr size_t page_bytes = 4096;

/// A broken promise of the runtime itself, or of the system under it.
[[noreturn]] inline void die(const char* what) {
    std::fprintf(stderr, "weave: internal error: %s\n", what);
    std::_Exit(70);
}

inline void* reserve(size_t bytes) {
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        die("no address space");
    }
    return memory;
}

/// Memory that is handed out piece by piece and taken back in one go. Pieces are not zeroed.
class Arena {
  public:
    explicit Arena(size_t capacity)
        : base_(static_cast<char*>(reserve(capacity))), next_(base_), end_(base_ + capacity) {}

    template <class T>
    T* make() {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (bytes(sizeof(T))) T{};
    }

    template <class T>
    T* array(size_t count) {
        return static_cast<T*>(bytes(count * sizeof(T)));
    }

    /// 16-byte aligned.
    void* bytes(size_t size) {
        char* const piece = next_;
        next_ += (size + 15) & ~size_t{15};
        if (next_ > end_) [[unlikely]] {
            die("an execution keeps more history than there is room for");
        }
        return piece;
    }

    void reset() { next_ = base_; }

  private:
    char* const base_;
    char* next_;
    char* const end_;
};

/// A vector over reserved address space: it never moves its elements and never calls malloc.
template <class T, size_t Capacity>
class Growing {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Growing() : items_(static_cast<T*>(reserve(Capacity * sizeof(T)))) {}
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;

    T& push(const T& item) {
        if (size_ == Capacity) [[unlikely]] {
            die("a table of the runtime is full");
        }
        return items_[size_++] = item;
    }
    void append(const T* items, size_t count) {
        if (count > Capacity - size_) [[unlikely]] {
            die("a table of the runtime is full");
        }
        std::memcpy(items_ + size_, items, count * sizeof(T));
        size_ += count;
    }
    bool is_full() const { return size_ == Capacity; }
    void pop() { --size_; }
    void clear() { size_ = 0; }
    void shrink(size_t size) { size_ = size; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](size_t i) { return items_[i]; }
    const T& operator[](size_t i) const { return items_[i]; }
    T& back() { return items_[size_ - 1]; }
    T* begin() { return items_; }
    T* end() { return items_ + size_; }
    const T* begin() const { return items_; }
    const T* end() const { return items_ + size_; }

  private:
    T* const items_;
    size_t size_ = 0;
};

}  // namespace weave
