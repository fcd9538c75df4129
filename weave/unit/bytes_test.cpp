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

}  // namespace
}  // namespace weave
