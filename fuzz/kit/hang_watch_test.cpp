// Tests that an input that never ends is reported, with what its runner says of it.
#include "fuzz/kit/hang_watch.h"

#include <gtest/gtest.h>

#include <string>

#include "fuzz/kit/watched_run.h"

namespace fuzz::test {
namespace {

using HangWatchDeathTest = HangDeathTest;

TEST_F(HangWatchDeathTest, reports_an_input_that_never_ends) {
    EXPECT_DEATH(
        {
            static HangWatch watch("some_target", 1);
            const HangWatch::Input input(watch);
            never_return();
        },
        "FINDING some_target: hang: the input still runs after 1 s");
}

TEST_F(HangWatchDeathTest, adds_what_the_runner_says) {
    EXPECT_DEATH(
        {
            static HangWatch watch("some_target", 1);
            const HangWatch::Input input(watch);
            const auto describe = [] { return std::string("  core 3 stands still\n"); };
            const DescribedHang described(describe);
            never_return();
        },
        "hang.*\n  core 3 stands still");
}

TEST_F(HangWatchDeathTest, says_nothing_of_inputs_that_end) {
    EXPECT_EXIT(
        {
            static HangWatch watch("some_target", 1);
            for (int i = 0; i < 300; ++i) {
                const HangWatch::Input input(watch);
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
            // No input runs now.
            std::this_thread::sleep_for(std::chrono::seconds(3));
            std::_Exit(0);
        },
        ::testing::ExitedWithCode(0), "^$");
}

TEST(DescribedHangTest, is_forgotten_with_its_run) {
    EXPECT_EQ(DescribedHang::text(), "");
    {
        const auto describe = [] { return std::string("words"); };
        const DescribedHang described(describe);
        EXPECT_EQ(DescribedHang::text(), "words");
    }
    EXPECT_EQ(DescribedHang::text(), "");
}

}  // namespace
}  // namespace fuzz::test
