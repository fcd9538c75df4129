// The latency histogram against a sorted list of the same durations.
#include "stress/support/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace {

using stress::LatencyHistogram;

TEST(LatencyHistogram, is_empty_at_first) {
    const auto histogram = std::make_unique<LatencyHistogram>();
    EXPECT_EQ(histogram->quantile_ns(0.5), 0u);
}

TEST(LatencyHistogram, is_exact_for_small_values) {
    const auto histogram = std::make_unique<LatencyHistogram>();
    for (uint64_t value = 0; value < 64; ++value) {
        histogram->record(value);
    }
    EXPECT_EQ(histogram->quantile_ns(0), 0u);
    EXPECT_EQ(histogram->quantile_ns(0.5), 32u);
    EXPECT_EQ(histogram->quantile_ns(1), 63u);
}

TEST(LatencyHistogram, rounds_up_by_a_32nd_at_most) {
    std::mt19937_64 random(1);
    std::vector<uint64_t> values;
    const auto histogram = std::make_unique<LatencyHistogram>();
    for (int i = 0; i < 20000; ++i) {
        values.push_back(random() >> (25 + random() % 39));
        histogram->record(values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const uint64_t exact =
            values[static_cast<size_t>(quantile * static_cast<double>(values.size()))];
        const uint64_t found = histogram->quantile_ns(quantile);
        EXPECT_GE(found, exact);
        EXPECT_LE(found, exact + exact / 32 + 1);
    }
}

TEST(LatencyHistogram, takes_the_largest_value) {
    const auto histogram = std::make_unique<LatencyHistogram>();
    histogram->record(UINT64_MAX);
    EXPECT_EQ(histogram->quantile_ns(0.5), (uint64_t{1} << 40) - 1);
}

TEST(LatencyHistogram, merging_adds_the_counts) {
    const auto one = std::make_unique<LatencyHistogram>();
    const auto other = std::make_unique<LatencyHistogram>();
    one->record(1);
    for (int i = 0; i < 3; ++i) {
        other->record(50);
    }
    one->merge(*other);
    EXPECT_EQ(one->quantile_ns(0), 1u);
    EXPECT_EQ(one->quantile_ns(0.5), 50u);
}

}  // namespace
