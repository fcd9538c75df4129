// How long operations took: a histogram of fixed size, one per thread, merged for the report.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace stress {

/// Counts of durations in nanoseconds, in buckets that are at most a 32nd of their value wide.
///
/// One thread records; any thread may read at the same time, and sees a recent state. Durations of
/// more than about 18 minutes count as that.
class LatencyHistogram {
  public:
    void record(uint64_t latency_ns) {
        std::atomic<uint64_t>& bucket = counts_[bucket_of(latency_ns)];
        // Relaxed load and store instead of an increment: this thread is the only writer.
        bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// Adds what another histogram counted. For the thread that records here.
    void merge(const LatencyHistogram& other) {
        for (size_t i = 0; i < buckets; ++i) {
            // Relaxed: counts for people, and this thread is the only writer of its own.
            counts_[i].store(counts_[i].load(std::memory_order_relaxed) +
                                 other.counts_[i].load(std::memory_order_relaxed),
                             std::memory_order_relaxed);
        }
    }

    /// The duration that a share of `quantile` (0 to 1) of all does not exceed, rounded up to its
    /// bucket's end; 0 when nothing was recorded.
    uint64_t quantile_ns(double quantile) const {
        uint64_t total = 0;
        for (const auto& bucket : counts_) {
            total += bucket.load(std::memory_order_relaxed);
        }
        const auto rank = static_cast<uint64_t>(quantile * static_cast<double>(total));
        uint64_t seen = 0;
        for (size_t i = 0; i < buckets; ++i) {
            seen += counts_[i].load(std::memory_order_relaxed);
            if (seen > rank || (seen == total && seen != 0)) {
                return last_value_of(i);
            }
        }
        return 0;
    }

  private:
    static constexpr uint32_t linear_bits = 5;
    static constexpr uint64_t linear = uint64_t{1} << linear_bits;
    static constexpr uint32_t value_bits = 40;
    static constexpr uint64_t value_max = (uint64_t{1} << value_bits) - 1;
    static constexpr size_t buckets = size_t{value_bits - linear_bits + 1} << linear_bits;

    // Below 2 * `linear` a bucket is one value wide; above, each octave has `linear` buckets.
    static constexpr size_t bucket_of(uint64_t value) {
        value = std::min(value, value_max);
        if (value < linear) {
            return static_cast<size_t>(value);
        }
        const auto shift = static_cast<uint32_t>(std::bit_width(value)) - linear_bits - 1;
        return static_cast<size_t>((uint64_t{shift} << linear_bits) + (value >> shift));
    }

    static constexpr uint64_t last_value_of(size_t bucket) {
        if (bucket < 2 * linear) {
            return bucket;
        }
        const uint64_t shift = (bucket >> linear_bits) - 1;
        const uint64_t first = (bucket & (linear - 1)) + linear;
        return ((first + 1) << shift) - 1;
    }

    std::array<std::atomic<uint64_t>, buckets> counts_{};
};

}  // namespace stress
