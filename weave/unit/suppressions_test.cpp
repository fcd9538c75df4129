#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <report/suppressions.h>

namespace weave {
namespace {

TEST(SuppressionsTest, a_pattern_matches_a_part_of_a_text) {
    EXPECT_TRUE(matches("count", "Counter::count(int)"));
    EXPECT_TRUE(matches("Counter::*(int)", "Counter::count(int)"));
    EXPECT_TRUE(matches("C*r::*t*)", "Counter::count(int)"));
    EXPECT_TRUE(matches("", "anything"));
    EXPECT_FALSE(matches("counter", "Counter::count(int)"));
    EXPECT_FALSE(matches("count*Counter", "Counter::count(int)"));
}

TEST(SuppressionsTest, anchors_stand_for_the_ends) {
    EXPECT_TRUE(matches("^main$", "main"));
    EXPECT_FALSE(matches("^main$", "domain"));
    EXPECT_FALSE(matches("^main$", "main::lambda"));
    EXPECT_TRUE(matches("^/src/*.cpp$", "/src/a.cpp.b.cpp"));
    EXPECT_FALSE(matches("^/src/*.cpp$", "/src/a.cpp.h"));
    EXPECT_TRUE(matches("abc$", "ababc"));
    EXPECT_FALSE(matches("ab*bc$", "abc"));
    EXPECT_TRUE(matches("$", "x"));
}

TEST(SuppressionsTest, comments_and_white_space_are_left_out) {
    EXPECT_TRUE(Suppressions("").is_empty());
    EXPECT_TRUE(Suppressions("# race:main\n\n   \n").is_empty());
    EXPECT_FALSE(Suppressions("  race:main \r\nleak:^f$\ncalled_from_lib:libz.so\n").is_empty());
}

TEST(SuppressionsTest, a_line_of_another_form_is_refused) {
    for (const std::string line : {"main", "races:main", "race main"}) {
        EXPECT_THROW(Suppressions("race:f\n" + line + "\n"), std::invalid_argument) << line;
    }
}

}  // namespace
}  // namespace weave
