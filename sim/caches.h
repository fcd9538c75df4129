// The caches of a simulated platform where they are not coherent with the cores and engines.
//
// What both sides use exists twice: a copy in the caches of the scheduler threads, at the address
// that everyone names, and the memory behind it, which cores and engines read and write. Nothing
// passes between the two but by an invalidation or a flush, so that a missing one is a wrong run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <type_traits>

#include "src/runtime/pto_assert.h"

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
/// A range is copied to the byte, so that an operation on too few bytes shows. Words are copied as
/// atomics, because an engine may be writing them.
class CacheModel {
  public:
    /// Keeps `size` bytes of `cached` and of the `memory` behind it apart. Both are aligned alike,
    /// outlive the entry and stay where they are.
    void add(void* cached, void* memory, size_t size) {
        PTO_ASSERT((address_of(cached) - address_of(memory)) % alignof(uint64_t) == 0);
        const bool is_new =
            regions_
                .insert({address_of(cached),
                         {static_cast<std::byte*>(cached), static_cast<std::byte*>(memory), size}})
                .second;
        PTO_ASSERT(is_new, size);
    }
    void remove(const void* cached) noexcept { regions_.erase(address_of(cached)); }

    /// Makes what cores and engines have written visible to the scheduler threads. Memory that they
    /// do not use is left alone.
    void invalidate(const void* begin, size_t size) noexcept {
        count(invalidated_ranges_, invalidated_bytes_, size);
        if (const Region* const region = find(begin, size)) {
            const size_t offset = address_of(begin) - address_of(region->cached);
            copy(region->cached + offset, region->memory + offset, size);
        }
    }

    /// Makes what the scheduler threads have written visible to cores and engines.
    void flush(const void* begin, size_t size) noexcept {
        count(flushed_ranges_, flushed_bytes_, size);
        if (const Region* const region = find(begin, size)) {
            const size_t offset = address_of(begin) - address_of(region->cached);
            copy(region->memory + offset, region->cached + offset, size);
        }
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

  private:
    struct Region {
        std::byte* cached;
        std::byte* memory;
        size_t size;
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

    static void copy(std::byte* to, const std::byte* from, size_t size) noexcept {
        while (size != 0) {
            if (size >= sizeof(uint64_t) && address_of(to) % sizeof(uint64_t) == 0) {
                copy_word<uint64_t>(to, from, size);
            } else if (size >= sizeof(uint32_t) && address_of(to) % sizeof(uint32_t) == 0) {
                copy_word<uint32_t>(to, from, size);
            } else {
                copy_word<uint8_t>(to, from, size);
            }
        }
    }

    template <class Word>
    static void copy_word(std::byte*& to, const std::byte*& from, size_t& size) noexcept {
        Word* const source = reinterpret_cast<Word*>(const_cast<std::byte*>(from));
        // Acquire: pairs with an engine's release addition to the word; a scheduler thread that
        // sees the word sees what came before it. Slabs and payloads are ordered by the registers.
        const Word word = std::atomic_ref<Word>(*source).load(std::memory_order_acquire);
        // Relaxed: as above, and the copy in the caches is this thread's.
        std::atomic_ref<Word>(*reinterpret_cast<Word*>(to)).store(word, std::memory_order_relaxed);
        to += sizeof(Word);
        from += sizeof(Word);
        size -= sizeof(Word);
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

/// Words that engines write and scheduler threads read, all 0 at first. `caches` is null where
/// there is nothing in between.
template <class Word>
class EngineWords {
  public:
    EngineWords(size_t count, CacheModel* caches)
        : cached_(std::make_unique<Word[]>(count)), caches_(caches) {
        if (caches_ != nullptr) {
            memory_ = std::make_unique<Word[]>(count);
            caches_->add(cached_.get(), memory_.get(), count * sizeof(Word));
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
        return reinterpret_cast<uintptr_t>(&cached_[index]);
    }
    /// The word that the engine writes.
    Word& of_engine(size_t index) const noexcept {
        return caches_ == nullptr ? cached_[index] : memory_[index];
    }

  private:
    const std::unique_ptr<Word[]> cached_;
    std::unique_ptr<Word[]> memory_;
    CacheModel* const caches_;
};

}  // namespace pto::sim
