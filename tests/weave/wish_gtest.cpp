// Wishes: an execution asks for pairs of a load and the store that it reads.
#include <weave/weave.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

constexpr uint32_t writer = 1;
constexpr uint32_t reader = 2;
constexpr uint32_t stores = 5;

uint32_t first_read = 0;
uint32_t second_read = 0;

/// One thread stores 1, 2 and so on; another reads twice, and is there before the first store.
void count_up() {
    std::atomic<uint32_t> counter{0};
    std::atomic<bool> is_there{false};
    std::thread writing([&] {
        while (!is_there.load(std::memory_order_relaxed)) {
        }
        for (uint32_t i = 1; i <= stores; ++i) {
            counter.store(i, std::memory_order_relaxed);
        }
    });
    std::thread reading([&] {
        is_there.store(true, std::memory_order_relaxed);
        first_read = counter.load(std::memory_order_relaxed);
        second_read = counter.load(std::memory_order_relaxed);
    });
    writing.join();
    reading.join();
}

weave::Options options_with(std::vector<weave::ReadWish> wishes,
                            weave::Memory memory = weave::Memory::c20) {
    weave::Options options;
    options.mode = weave::Mode::bytes;
    options.memory = memory;
    options.is_quiet = true;
    options.wishes = std::move(wishes);
    return options;
}

TEST(Wish, every_pair_that_the_model_allows_comes_in_one_execution) {
    for (const weave::Memory memory : {weave::Memory::c20, weave::Memory::sc}) {
        for (uint32_t first = 0; first <= stores; ++first) {
            for (uint32_t second = first; second <= stores; ++second) {
                const weave::Result result = weave::explore(
                    options_with({{reader, 1, writer, first}, {reader, 2, writer, second}}, memory),
                    count_up);
                EXPECT_EQ(result.verdict, weave::Verdict::ok);
                EXPECT_EQ(result.executions, 1u);
                EXPECT_EQ(first_read, first);
                EXPECT_EQ(second_read, second);
            }
        }
    }
}

TEST(Wish, one_that_cannot_come_true_ends_with_what_there_is) {
    // The writer has no sixth store, there is no seventh thread, and coherence forbids the last.
    const std::vector<std::vector<weave::ReadWish>> impossible = {
        {{reader, 1, writer, stores + 1}},
        {{reader, 1, 7, 1}},
        {{7, 1, writer, 1}},
        {{reader, 9, writer, 1}},
        {{reader, 1, reader, 1}},
        {{reader, 1, writer, 4}, {reader, 2, writer, 2}}};
    for (const std::vector<weave::ReadWish>& wishes : impossible) {
        const weave::Result result = weave::explore(options_with(wishes), count_up);
        EXPECT_EQ(result.verdict, weave::Verdict::ok);
    }
    EXPECT_EQ(first_read, 4u);
    EXPECT_GE(second_read, 4u);
}

/// A thread that stores without an end as long as another has not read.
void wait_for_reader() {
    std::atomic<uint32_t> counter{0};
    std::atomic<bool> has_read{false};
    std::thread writing([&] {
        while (!has_read.load(std::memory_order_relaxed)) {
            counter.fetch_add(1, std::memory_order_relaxed);
        }
    });
    std::thread reading([&] {
        first_read = counter.load(std::memory_order_relaxed);
        has_read.store(true, std::memory_order_relaxed);
    });
    writing.join();
    reading.join();
}

TEST(Wish, a_store_that_takes_too_long_is_given_up) {
    const weave::Result result =
        weave::explore(options_with({{reader, 1, writer, 1'000'000}}), wait_for_reader);
    EXPECT_EQ(result.verdict, weave::Verdict::ok);
    EXPECT_LT(result.steps, 10'000u);
}

/// Wrong if a reader has seen that the writer is done, and then reads its 37th store of 100.
void need_a_stale_store() {
    std::atomic<uint32_t> counter{0};
    std::atomic<bool> is_over{false};
    std::thread writing([&] {
        for (uint32_t i = 1; i <= 100; ++i) {
            counter.store(i, std::memory_order_relaxed);
        }
        is_over.store(true, std::memory_order_relaxed);
    });
    std::thread reading([&] {
        const bool was_over = is_over.load(std::memory_order_relaxed);
        if (was_over && counter.load(std::memory_order_relaxed) == 37) {
            std::atomic<uint32_t>* const nothing = nullptr;
            nothing->store(1, std::memory_order_relaxed);
        }
    });
    writing.join();
    reading.join();
}

TEST(Wish, one_execution_finds_what_needs_a_certain_stale_store) {
    const weave::Result without = weave::explore(options_with({}), need_a_stale_store);
    EXPECT_EQ(without.verdict, weave::Verdict::ok);
    const weave::Options options = options_with({{reader, 1, writer, 1}, {reader, 2, writer, 37}});
    const weave::Result with = weave::explore(options, need_a_stale_store);
    EXPECT_EQ(with.verdict, weave::Verdict::crash);
    EXPECT_EQ(with.executions, 1u);
    // The schedule needs no wish.
    weave::Options again;
    again.is_quiet = true;
    again.replay = with.finding.schedule;
    EXPECT_EQ(weave::explore(again, need_a_stale_store).finding.report, with.finding.report);
}

TEST(Wish, the_same_bytes_and_wishes_are_the_same_execution) {
    const std::vector<uint8_t> bytes = {1, 0, 2, 1, 0, 0, 1, 2, 1, 1};
    weave::Options options = options_with({{reader, 2, writer, 3}});
    options.bytes = bytes.data();
    options.bytes_size = bytes.size();
    std::vector<weave::SeenAccess> first;
    std::vector<weave::SeenAccess> second;
    options.accesses = &first;
    weave::explore(options, count_up);
    options.accesses = &second;
    weave::explore(options, count_up);
    ASSERT_EQ(first.size(), second.size());
    ASSERT_FALSE(first.empty());
    for (size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].thread, second[i].thread);
        EXPECT_EQ(first[i].from, second[i].from);
    }
}

/// Threads that meet in a lock, a wait with a limit and two loops.
void meet_in_locks_and_loops() {
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<uint32_t> counter{0};
    std::atomic<bool> is_over{false};
    std::thread first([&] {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::milliseconds(1),
                         [&] { return counter.load(std::memory_order_relaxed) != 0; });
        is_over.store(true, std::memory_order_release);
    });
    std::thread second([&] {
        while (!mutex.try_lock()) {
            counter.load(std::memory_order_relaxed);
        }
        counter.fetch_add(1, std::memory_order_relaxed);
        mutex.unlock();
        changed.notify_one();
    });
    while (!is_over.load(std::memory_order_acquire)) {
        counter.load(std::memory_order_relaxed);
        counter.load(std::memory_order_acquire);
    }
    first.join();
    second.join();
}

std::vector<std::tuple<uint32_t, bool, bool>> accesses_with(std::vector<weave::ReadWish> wishes,
                                                            const std::vector<uint8_t>& bytes) {
    std::vector<weave::SeenAccess> seen;
    weave::Options options = options_with(std::move(wishes));
    options.bytes = bytes.data();
    options.bytes_size = bytes.size();
    options.accesses = &seen;
    EXPECT_EQ(weave::explore(options, meet_in_locks_and_loops).verdict, weave::Verdict::ok);
    std::vector<std::tuple<uint32_t, bool, bool>> accesses;
    for (const weave::SeenAccess& access : seen) {
        accesses.emplace_back(access.thread, access.reads, access.writes);
    }
    return accesses;
}

TEST(Wish, bytes_mean_the_same_beside_a_wish) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<uint8_t> bytes(32);
        for (uint8_t& byte : bytes) {
            byte = static_cast<uint8_t>(random() % 4);
        }
        // No thread 7 reads.
        EXPECT_EQ(accesses_with({{7, 1, 0, 1}}, bytes), accesses_with({}, bytes)) << round;
    }
}

TEST(Wish, the_accesses_of_an_execution_without_wishes_are_those_that_it_makes) {
    std::vector<weave::SeenAccess> accesses;
    weave::Options options = options_with({});
    options.accesses = &accesses;
    weave::explore(options, count_up);
    uint32_t read = 0;
    uint32_t written = 0;
    for (const weave::SeenAccess& access : accesses) {
        read += access.thread == reader && access.reads ? 1 : 0;
        written += access.thread == writer && access.writes ? 1 : 0;
    }
    EXPECT_EQ(read, 2u);
    EXPECT_EQ(written, stores);
}

}  // namespace
