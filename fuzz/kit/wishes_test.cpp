// Tests the bytes of wishes, and how a wish is drawn from what an execution has done.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/kit/random.h"
#include "fuzz/kit/schedule_format.h"
#include "fuzz/kit/wishes.h"

namespace fuzz::test {
namespace {

using Input = std::vector<uint8_t>;

constexpr ScheduleFormat format{.header_bytes = 3 + 2 * 2,
                                .record_bytes = 1,
                                .operation_bytes = 2,
                                .operations_max = 2,
                                .wishes_max = 3};

Input input_with(const std::vector<Wish>& wishes) {
    Input input(format.header_bytes, 0);
    input[0] = format_version_of_wishes;
    for (const Wish& wish : wishes) {
        const Input bytes = bytes_of(wish);
        input.insert(input.end(), bytes.begin(), bytes.end());
    }
    return input;
}

TEST(Wishes, come_back_as_they_were_written) {
    const std::vector<Wish> wishes = {{0, 1, 11, 255}, {11, 65'536, 0, 0}, {3, 300, 2, 7}};
    const Input input = input_with(wishes);
    EXPECT_EQ(input.size(), format.records_at(input));
    EXPECT_EQ(wishes_of(format, input), wishes);
    EXPECT_EQ(bytes_of({99, 99'999, 99, 999}), bytes_of({11, 65'536, 11, 255}));
    EXPECT_EQ(bytes_of({.thread = 0, .read = 0}), bytes_of({.thread = 0, .read = 1}));
}

TEST(Wishes, are_there_in_version_2_alone_and_the_choices_come_after_them) {
    Input input = input_with({{1, 2, 3, 4}});
    input.resize(format.records_at(input), 0);
    input.push_back(77);
    EXPECT_EQ(wishes_of(format, input).size(), 1u);
    ASSERT_EQ(format.records(input).size(), 1u);
    EXPECT_EQ(format.records(input)[0], 77);
    for (unsigned version = 0; version < 256; ++version) {
        if (version != format_version_of_wishes) {
            input[0] = static_cast<uint8_t>(version);
            EXPECT_TRUE(wishes_of(format, input).empty()) << version;
            EXPECT_EQ(format.records(input).size(), input.size() - format.header_bytes) << version;
        }
    }
    ScheduleFormat without = format;
    without.wishes_max = 0;
    input[0] = format_version_of_wishes;
    EXPECT_TRUE(wishes_of(without, input).empty());
    EXPECT_EQ(without.records_at(input), format.header_bytes);
}

TEST(Wishes, are_read_from_any_bytes) {
    Random random(1);
    for (size_t size = 0; size < 40; ++size) {
        Input input(size);
        for (uint8_t& byte : input) {
            byte = static_cast<uint8_t>(random() / 256);
        }
        if (size != 0) {
            input[0] = format_version_of_wishes;
        }
        const std::vector<Wish> wishes = wishes_of(format, input);
        EXPECT_LE(wishes.size(), format.wishes_max);
        for (const Wish& wish : wishes) {
            EXPECT_LT(wish.thread, moment_threads_max);
            EXPECT_LT(wish.writer, moment_threads_max);
            EXPECT_GE(wish.read, 1u);
        }
    }
}

TEST(Wishes, have_a_line_each) {
    EXPECT_EQ(describe_wishes(format, input_with({{1, 7, 3, 2}, {2, 1, 0, 0}})),
              "wish: read 7 of thread 1 returns store 2 of thread 3 to that object\n"
              "wish: read 1 of thread 2 returns the initial value\n");
    EXPECT_EQ(describe_wishes(format, Input(40, 1)), "");
}

/// Like weave::SeenAccess.
struct Access {
    static constexpr size_t no_access = SIZE_MAX;

    uint32_t thread = 0;
    uint64_t object = 0;
    bool reads = false;
    bool writes = false;
    uint32_t place = 0;
    size_t from = no_access;
};

TEST(Wishes, are_drawn_for_pairs_that_were_not_had) {
    const std::vector<Access> accesses = {
        {.thread = 2, .object = 5, .writes = true},                            // store 1
        {.thread = 1, .object = 6, .reads = true},                             // read 1
        {.thread = 2, .object = 5, .reads = true, .writes = true, .from = 0},  // store 2
        {.thread = 1, .object = 5, .reads = true, .from = 0},                  // read 2
        {.thread = 1, .object = 5, .writes = true},                            // its own
        {.thread = 1, .object = 5, .reads = true, .from = 4},                  // read 3
        {.thread = 3, .object = 5, .writes = true},                            // store 1
    };
    // Read 1 of thread 2 has read its own store, so that the initial value is none for it.
    const std::vector<Wish> all = {{1, 2, 2, 2}, {1, 2, 3, 1}, {1, 2, 0, 0}, {1, 3, 2, 1},
                                   {1, 3, 2, 2}, {1, 3, 3, 1}, {2, 1, 1, 1}, {2, 1, 3, 1}};
    std::vector<int> drawn(all.size(), 0);
    Random random(1);
    WishDrawer drawer;
    for (int i = 0; i < 1'000; ++i) {
        const std::optional<Wish> wish = drawer.draw(accesses, random);
        if (wish) {
            const auto place = std::find(all.begin(), all.end(), *wish);
            ASSERT_NE(place, all.end())
                << wish->thread << ' ' << wish->read << ' ' << wish->writer << ' ' << wish->store;
            ++drawn[static_cast<size_t>(place - all.begin())];
        }
    }
    for (size_t i = 0; i < all.size(); ++i) {
        EXPECT_GT(drawn[i], 20) << i;
    }
}

TEST(Wishes, are_drawn_for_every_pair_of_places_alike) {
    std::vector<Access> accesses = {{.thread = 2, .object = 5, .writes = true, .place = 1},
                                    {.thread = 2, .object = 6, .writes = true, .place = 2}};
    for (int i = 0; i < 20; ++i) {
        accesses.push_back({.thread = 1, .object = 5, .reads = true, .place = 3});
    }
    accesses.push_back({.thread = 1, .object = 6, .reads = true, .place = 4});
    Random random(1);
    WishDrawer drawer;
    int of_last_read = 0;
    for (int i = 0; i < 100; ++i) {
        const std::optional<Wish> wish = drawer.draw(accesses, random);
        ASSERT_TRUE(wish);
        of_last_read += wish->read == 21;
    }
    EXPECT_GT(of_last_read, 30);
}

TEST(Wishes, are_not_drawn_where_there_is_no_pair) {
    Random random(1);
    WishDrawer drawer;
    EXPECT_FALSE(drawer.draw(std::vector<Access>{}, random));
    EXPECT_FALSE(drawer.draw(std::vector<Access>{{.thread = 1, .object = 6, .reads = true},
                                                 {.thread = 2, .object = 5, .writes = true}},
                             random));
}

}  // namespace
}  // namespace fuzz::test
