#include <gtest/gtest.h>

#include <vector>

#include <run/shrink.h>

namespace weave {
namespace {

using Choices = std::vector<uint8_t>;

bool always() { return true; }

TEST(ShrinkTest, what_is_not_needed_becomes_0_or_goes) {
    const Choices all(100, uint8_t{3});
    const auto needs_two = [](const Choices& choices) {
        return choices.size() > 70 && choices[10] >= 2 && choices[70] != 0;
    };
    Choices expected(71, uint8_t{0});
    expected[10] = 2;
    expected[70] = 1;
    EXPECT_EQ(shrink_choices(all, needs_two, always), expected);
}

TEST(ShrinkTest, choices_are_taken_out_where_their_places_do_not_matter) {
    Choices many(50, uint8_t{0});
    many[20] = 4;
    many[40] = 5;
    const auto has_both_in_order = [](const Choices& choices) {
        bool has_first = false;
        for (const uint8_t choice : choices) {
            if (choice == 5 && has_first) {
                return true;
            }
            has_first |= choice == 4;
        }
        return false;
    };
    EXPECT_EQ(shrink_choices(many, has_both_in_order, always), (Choices{4, 5}));
}

TEST(ShrinkTest, nothing_is_left_if_all_plain_choices_fail) {
    EXPECT_TRUE(shrink_choices(
                    Choices(9, uint8_t{1}), [](const Choices&) { return true; }, always)
                    .empty());
}

TEST(ShrinkTest, the_smallest_so_far_is_kept_when_the_search_has_to_end) {
    int calls = 0;
    const auto fails = [](const Choices& choices) { return choices.size() >= 4; };
    const Choices shrunk =
        shrink_choices(Choices(16, uint8_t{1}), fails, [&] { return ++calls < 4; });
    EXPECT_TRUE(fails(shrunk));
    EXPECT_EQ(calls, 4);
}

}  // namespace
}  // namespace weave
