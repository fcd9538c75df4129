// The caches of a simulated platform where they are not coherent with the cores and engines.
//
// What both sides use exists twice: a copy in the caches of the scheduler threads, at the address
// that everyone names, and the memory behind it, which cores and engines read and write. Nothing
// passes between the two but by an invalidation or a flush, so that a missing one is a wrong run.
// Both move whole lines: a word in the line of another one comes and goes with it, and is lost if
// the other side has written it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

#include "src/runtime/pto_assert.h"
#include "src/runtime/pto_constants.h"

namespace pto::sim {

/// Cache operations that scheduler threads have made.
struct CacheCounts {
    uint64_t invalidated_ranges = 0;
    uint64_t invalidated_bytes = 0;
    uint64_t flushed_ranges = 0;
    uint64_t flushed_bytes = 0;

    bool operator==(const CacheCounts&) const = default;
    CacheCounts operator-(const CacheCounts& before) const noexcept {
        return {invalidated_ranges - before.invalidated_ranges,
                invalidated_bytes - before.invalidated_bytes,
                flushed_ranges - before.flushed_ranges, flushed_bytes - before.flushed_bytes};
    }
};

/// The caches of one rank's scheduler threads, which are coherent with one another. Any thread may
/// call invalidate(), flush() and counts(); add() and remove() need that no scheduler thread of the
/// rank is at work.
///
/// Words are copied as atomics, because an engine may be writing them. One thread at a time uses a
/// line, as the owner of a slab or the holder of the wait list's lock does.
class CacheModel {
  public:
    static constexpr size_t line_bytes = PTO2_ALIGN_SIZE;

    /// Keeps `size` bytes of `cached` and of the `memory` behind it apart; whole lines, which
    /// outlive the entry and stay where they are. No line is dirty.
    void add(void* cached, void* memory, size_t size) {
        PTO_ASSERT(address_of(cached) % line_bytes == 0 && address_of(memory) % line_bytes == 0);
        PTO_ASSERT(size % line_bytes == 0, size);
        Region region{static_cast<std::byte*>(cached), static_cast<std::byte*>(memory), size,
                      std::make_unique<Line[]>(size / line_bytes)};
        copy(region.clean[0].bytes, region.cached, size);
        const bool is_new = regions_.emplace(address_of(cached), std::move(region)).second;
        PTO_ASSERT(is_new, size);
    }
    void remove(const void* cached) noexcept { regions_.erase(address_of(cached)); }

    /// Makes what cores and engines have written visible to the scheduler threads: the lines of
    /// these bytes are dropped, and come anew from memory. A line that these threads have written
    /// is first written back, as on a processor that has no other way to drop it. Memory that they
    /// do not use is left alone.
    void invalidate(const void* begin, size_t size) noexcept {
        count(invalidated_ranges_, invalidated_bytes_, size);
        for_each_line(begin, size, [](std::byte* cached, std::byte* memory, std::byte* clean) {
            if (!are_equal(cached, clean)) {
                copy(memory, cached, line_bytes);
            }
            copy(cached, memory, line_bytes);
            copy(clean, cached, line_bytes);
        });
    }

    /// Makes what the scheduler threads have written visible to cores and engines: the lines of
    /// these bytes are written back. A flush follows a write, so they are dirty.
    void flush(const void* begin, size_t size) noexcept {
        count(flushed_ranges_, flushed_bytes_, size);
        for_each_line(begin, size, [](std::byte* cached, std::byte* memory, std::byte* clean) {
            copy(memory, cached, line_bytes);
            copy(clean, cached, line_bytes);
        });
    }

    CacheCounts counts() const noexcept {
        // Relaxed, all: statistics.
        return {invalidated_ranges_.load(std::memory_order_relaxed),
                invalidated_bytes_.load(std::memory_order_relaxed),
                flushed_ranges_.load(std::memory_order_relaxed),
                flushed_bytes_.load(std::memory_order_relaxed)};
    }

    /// The caches that the calling thread uses, or null.
    static CacheModel* of_this_thread() noexcept { return current(); }

    /// Makes the calling thread use these caches, for as long as the object lives.
    class Use {
      public:
        explicit Use(CacheModel& caches) noexcept : before_(current()) { current() = &caches; }
        ~Use() { current() = before_; }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

      private:
        CacheModel* const before_;
    };

    /// A line of memory.
    struct alignas(line_bytes) Line {
        std::byte bytes[line_bytes];
    };

  private:
    struct Region {
        std::byte* cached;
        std::byte* memory;
        size_t size;
        std::unique_ptr<Line[]> clean;  ///< each line as it last came from memory or went there
    };

    static CacheModel*& current() noexcept {
        static thread_local CacheModel* caches = nullptr;
        return caches;
    }

    static uintptr_t address_of(const void* object) noexcept {
        return reinterpret_cast<uintptr_t>(object);
    }

    static void count(std::atomic<uint64_t>& ranges, std::atomic<uint64_t>& bytes,
                      size_t size) noexcept {
        // Relaxed, both: statistics.
        ranges.fetch_add(1, std::memory_order_relaxed);
        bytes.fetch_add(size, std::memory_order_relaxed);
    }

    const Region* find(const void* begin, size_t size) const noexcept {
        const auto after = regions_.upper_bound(address_of(begin));
        if (after == regions_.begin()) {
            return nullptr;
        }
        const Region& region = std::prev(after)->second;
        const size_t offset = address_of(begin) - address_of(region.cached);
        if (offset >= region.size) {
            return nullptr;
        }
        PTO_ASSERT(size <= region.size - offset, size, offset, region.size);
        return &region;
    }

    /// Calls visit(cached, memory, clean) for each line that has one of the bytes.
    template <class Visit>
    void for_each_line(const void* begin, size_t size, Visit&& visit) noexcept {
        const Region* const region = size == 0 ? nullptr : find(begin, size);
        if (region == nullptr) {
            return;
        }
        const size_t first = address_of(begin) - address_of(region->cached);
        for (size_t line = first / line_bytes; line * line_bytes < first + size; ++line) {
            visit(region->cached + line * line_bytes, region->memory + line * line_bytes,
                  region->clean[line].bytes);
        }
    }

    static std::atomic_ref<uint64_t> word_at(const std::byte* at) noexcept {
        return std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t*>(const_cast<std::byte*>(at)));
    }

    static std::atomic_ref<uint32_t> upper_half_at(const std::byte* at) noexcept {
        return std::atomic_ref<uint32_t>(
            *reinterpret_cast<uint32_t*>(const_cast<std::byte*>(at) + sizeof(uint32_t)));
    }

    static bool are_equal(const std::byte* one, const std::byte* other) noexcept {
        // Relaxed, all: what this thread has written or copied.
        for (size_t i = 0; i < line_bytes; i += sizeof(uint64_t)) {
            if (word_at(one + i).load(std::memory_order_relaxed) !=
                word_at(other + i).load(std::memory_order_relaxed)) {
                return false;
            }
        }
        return true;
    }

    static void copy(std::byte* to, const std::byte* from, size_t size) noexcept {
        for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
            // Acquire: pairs with an engine's release addition to the word; a scheduler thread that
            // sees the word sees what came before it. Slabs and payloads are ordered by the
            // registers. Relaxed: the same, and the copy in the caches is this thread's.
            word_at(to + i).store(word_at(from + i).load(std::memory_order_acquire),
                                  std::memory_order_relaxed);
            // Acquire: the same for a counter of 32 bits in the upper half, of which
            // ThreadSanitizer takes a load of the whole word for one of another object.
            static_cast<void>(upper_half_at(from + i).load(std::memory_order_acquire));
        }
    }

    std::map<uintptr_t, Region> regions_;  ///< by the address in the caches
    std::atomic<uint64_t> invalidated_ranges_ = 0;
    std::atomic<uint64_t> invalidated_bytes_ = 0;
    std::atomic<uint64_t> flushed_ranges_ = 0;
    std::atomic<uint64_t> flushed_bytes_ = 0;
};

/// Platform `Base` with caches that do what their operations say, those of the calling thread. A
/// thread without caches sees nothing that cores and engines write.
template <class Base>
struct WithCaches : Base {
    static void cache_invalidate_range(const void* begin, size_t size) noexcept {
        if (CacheModel* const caches = CacheModel::of_this_thread()) {
            caches->invalidate(begin, size);
        }
    }
    static void cache_flush_range(const void* begin, size_t size) noexcept {
        if (CacheModel* const caches = CacheModel::of_this_thread()) {
            caches->flush(begin, size);
        }
    }
};

/// A platform as the simulated machine has it.
template <class Platform>
using Simulated = std::conditional_t<Platform::has_coherent_caches, Platform, WithCaches<Platform>>;

/// Words that engines write and scheduler threads read, all 0 at first, in lines of their own.
/// `caches` is null where there is nothing in between.
template <class Word>
class EngineWords {
  public:
    EngineWords(size_t count, CacheModel* caches)
        : cached_(std::make_unique<Line[]>(lines_of(count))), caches_(caches) {
        if (caches_ != nullptr) {
            memory_ = std::make_unique<Line[]>(lines_of(count));
            caches_->add(cached_.get(), memory_.get(), lines_of(count) * sizeof(Line));
        }
    }
    ~EngineWords() {
        if (caches_ != nullptr) {
            caches_->remove(cached_.get());
        }
    }
    EngineWords(const EngineWords&) = delete;
    EngineWords& operator=(const EngineWords&) = delete;

    /// The address of a word, as a condition names it.
    uint64_t address(size_t index) const noexcept {
        return reinterpret_cast<uintptr_t>(word(cached_, index));
    }
    /// The word that the engine writes.
    Word& of_engine(size_t index) const noexcept {
        return *word(caches_ == nullptr ? cached_ : memory_, index);
    }

  private:
    using Line = CacheModel::Line;

    /// At least one.
    static size_t lines_of(size_t words) noexcept {
        return words * sizeof(Word) / sizeof(Line) + 1;
    }
    static Word* word(const std::unique_ptr<Line[]>& lines, size_t index) noexcept {
        return reinterpret_cast<Word*>(lines.get()) + index;
    }

    const std::unique_ptr<Line[]> cached_;
    std::unique_ptr<Line[]> memory_;
    CacheModel* const caches_;
};

}  // namespace pto::sim
