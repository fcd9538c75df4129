// What all of the runtime stands on: bounds, memory of its own, and a way to stop.
//
// Ground rules:
// - While an execution runs, the runtime does not call the allocator, which belongs to the program
//   under test. What lives for one execution comes from an Arena, which forgets everything at once;
//   what grows over many executions is a Growing.
// - No static variable of a function is initialised thread-safely: the guards of these are entry
//   points (__cxa_guard_acquire), which would let other threads of the program run. The runtime is
//   compiled with -fno-threadsafe-statics.
// - Variables that must outlive an execution are WEAVE_KEPT: all others are put back to what they
//   were before it.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "run/check.h"
#include "run/thread_set.h"

namespace weave {

/// Marks a variable of the runtime that lives longer than an execution: it is left out when the
/// program's variables are put back to what they were.
#define WEAVE_KEPT __attribute__((section("weave_kept")))

/// Marks a function on the path of every access: a call would cost as much as what it does.
#define WEAVE_HOT __attribute__((always_inline)) inline

inline constexpr size_t page_bytes = 4096;

/// Ends the process with status 70: the system has refused something, or a table is full. What must
/// always hold is WEAVE_CHECK's.
[[noreturn]] void die(const char* what);

/// Address space of its own, zeroed, to which the system gives memory page by page.
inline void* reserve(size_t bytes) {
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        die("no address space");
    }
    return memory;
}

/// Memory that is handed out piece by piece and taken back at once. Pieces are not zeroed.
class Arena {
  public:
    explicit Arena(size_t capacity)
        : base_(static_cast<char*>(reserve(capacity))), next_(base_), end_(base_ + capacity) {}

    template <class T>
    T* make() {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (bytes(sizeof(T))) T{};
    }

    /// Room for `count` elements, not initialised.
    template <class T>
    T* array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 16);
        return static_cast<T*>(bytes(count * sizeof(T)));
    }

    /// A piece of `size` bytes, 16-byte aligned.
    void* bytes(size_t size) {
        char* const piece = next_;
        next_ += (size + 15) & ~size_t{15};
        if (next_ > end_) [[unlikely]] {
            die("an execution keeps more history than there is room for");
        }
        return piece;
    }

    /// Takes all pieces back, and gives their memory back to the system.
    void release() {
        madvise(base_, static_cast<size_t>(next_ - base_), MADV_DONTNEED);
        next_ = base_;
    }

    void reset() {
        WEAVE_CHECK(base_ <= next_ && next_ <= end_, static_cast<const void*>(base_),
                    static_cast<const void*>(next_));
        // Pages that a large execution touched go back to the system.
        constexpr ptrdiff_t resident_max = ptrdiff_t{1} << 26;
        if (next_ - base_ > resident_max) [[unlikely]] {
            madvise(base_ + resident_max, static_cast<size_t>(next_ - base_ - resident_max),
                    MADV_DONTNEED);
        }
        next_ = base_;
    }

  private:
    char* const base_;
    char* next_;
    char* const end_;
};

/// Gives bytes the values in `copy` again. Most of them have these: reading all and writing a few
/// pages takes less time than writing all. True if there was anything to write.
inline bool restore_bytes(uintptr_t begin, const void* copy, size_t size) {
    bool has_changed = false;
    for (size_t at = 0; at < size; at += page_bytes) {
        const size_t part = std::min(page_bytes, size - at);
        auto* const to = reinterpret_cast<char*>(begin) + at;
        const char* const from = static_cast<const char*>(copy) + at;
        if (std::memcmp(to, from, part) != 0) {
            std::memcpy(to, from, part);
            has_changed = true;
        }
    }
    return has_changed;
}

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
    void pop() {
        WEAVE_CHECK(size_ != 0);
        --size_;
    }
    void clear() { size_ = 0; }
    void shrink(size_t size) {
        WEAVE_CHECK(size <= size_, size, size_);
        size_ = size;
    }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](size_t i) {
        WEAVE_CHECK(i < size_, i, size_);
        return items_[i];
    }
    const T& operator[](size_t i) const {
        WEAVE_CHECK(i < size_, i, size_);
        return items_[i];
    }
    T& back() {
        WEAVE_CHECK(size_ != 0);
        return items_[size_ - 1];
    }
    const T& back() const {
        WEAVE_CHECK(size_ != 0);
        return items_[size_ - 1];
    }
    T* begin() { return items_; }
    T* end() { return items_ + size_; }
    const T* begin() const { return items_; }
    const T* end() const { return items_ + size_; }

  private:
    T* const items_;
    size_t size_ = 0;
};

}  // namespace weave
