#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

std::unique_ptr<Chooser> bytes_chooser(const std::vector<uint8_t>& bytes) {
    Options options;
    options.mode = Mode::bytes;
    options.bytes = bytes.data();
    options.bytes_size = bytes.size();
    return make_chooser(options);
}

TEST(BytesTest, each_choice_takes_a_byte) {
    const std::vector<uint8_t> bytes = {4, 7, 1};
    const auto chooser = bytes_chooser(bytes);
    ASSERT_TRUE(chooser->begin());
    EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(3), 0)), 4u % 3);
    EXPECT_EQ(chooser->choose(Alternative::store, 5), 7u % 5);
    EXPECT_EQ(chooser->choose(Alternative::failure, 2), 1u);
    EXPECT_EQ(chooser->choose(Alternative::store, 5), 0u);
    EXPECT_FALSE(chooser->begin());
}

TEST(BytesTest, after_the_last_byte_a_thread_that_yields_gives_way) {
    const std::vector<uint8_t> bytes = {0};
    const auto chooser = bytes_chooser(bytes);
    ASSERT_TRUE(chooser->begin());
    std::array<Operation, threads_max> pending{};
    pending[1].kind = OperationKind::yield;
    EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(2), 1, 1, pending.data())), 0u);
    EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(2), 1, 2, pending.data())), 1u);
    EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(2), 0, 3, pending.data())), 0u);
}

TEST(BytesTest, after_the_last_byte_no_thread_runs_alone_for_ever) {
    const std::vector<uint8_t> bytes;
    const auto chooser = bytes_chooser(bytes);
    ASSERT_TRUE(chooser->begin());
    std::array<int, 3> turns{};
    unsigned current = 0;
    for (uint64_t step = 1; step <= 1'000; ++step) {
        const Turn turn = turn_of(first_threads(3), current, step);
        current = turn.thread(chooser->choose_thread(turn));
        ++turns[current];
    }
    for (const int count : turns) {
        EXPECT_GT(count, 200);
    }
}

TEST(BytesTest, a_byte_counts_modulo_the_alternatives) {
    const std::vector<uint8_t> bytes = {2, 7, 255, 0};
    const auto chooser = bytes_chooser(bytes);
    ASSERT_TRUE(chooser->begin());
    EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(3), 0)), 2u);
    EXPECT_EQ(chooser->choose(Alternative::store, 4), 3u);
    EXPECT_EQ(chooser->choose(Alternative::waiter, 100), 55u);
    EXPECT_EQ(chooser->choose(Alternative::reuse, 2), 0u);
}

TEST(BytesTest, after_the_last_byte_all_choices_are_0) {
    const std::vector<uint8_t> bytes = {1};
    const auto chooser = bytes_chooser(bytes);
    ASSERT_TRUE(chooser->begin());
    EXPECT_EQ(chooser->choose(Alternative::store, 2), 1u);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(chooser->choose(Alternative::store, 2), 0u);
        EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(4), 1)), 0u);
    }
}

TEST(BytesTest, bytes_decide_one_execution_and_the_search_is_not_complete) {
    const auto chooser = bytes_chooser({});
    EXPECT_TRUE(chooser->begin());
    EXPECT_FALSE(chooser->begin());
    EXPECT_FALSE(chooser->is_complete());
}

}  // namespace
}  // namespace weave
