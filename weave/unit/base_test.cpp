#include <gtest/gtest.h>

#include <cstring>

#include <run/base.h>

namespace weave {
namespace {

constexpr int internal_error = 70;

uintptr_t address_of(const void* memory) { return reinterpret_cast<uintptr_t>(memory); }

TEST(ArenaTest, pieces_are_aligned_and_do_not_overlap) {
    Arena arena(size_t{1} << 16);
    uintptr_t end = 0;
    for (size_t size = 0; size < 200; ++size) {
        void* const piece = arena.bytes(size);
        EXPECT_EQ(address_of(piece) % 16, 0u);
        EXPECT_GE(address_of(piece), end);
        std::memset(piece, 0xff, size);
        end = address_of(piece) + size;
    }
}

TEST(ArenaTest, a_reset_hands_out_the_same_memory_again) {
    Arena arena(page_bytes);
    void* const first = arena.bytes(100);
    arena.bytes(200);
    arena.reset();
    EXPECT_EQ(arena.bytes(100), first);
}

TEST(ArenaTest, what_it_makes_has_its_initial_value_in_reused_memory_too) {
    struct Thing {
        int number = 3;
        int zero;
    };
    Arena arena(page_bytes);
    std::memset(arena.bytes(sizeof(Thing)), 0xff, sizeof(Thing));
    arena.reset();
    const Thing* const thing = arena.make<Thing>();
    EXPECT_EQ(thing->number, 3);
    EXPECT_EQ(thing->zero, 0);
}

TEST(ArenaTest, it_can_be_filled_to_the_last_byte) {
    Arena arena(page_bytes);
    char* const all = arena.array<char>(page_bytes);
    all[page_bytes - 1] = 1;
    EXPECT_EXIT(arena.bytes(1), ::testing::ExitedWithCode(internal_error), "more history");
}

TEST(GrowingTest, elements_never_move) {
    Growing<int, 100'000> numbers;
    const int* const first = &numbers.push(0);
    for (int i = 1; i < 100'000; ++i) {
        numbers.push(i);
    }
    EXPECT_TRUE(numbers.is_full());
    EXPECT_EQ(numbers.begin(), first);
    EXPECT_EQ(numbers.end() - numbers.begin(), 100'000);
    EXPECT_EQ(numbers[99'999], 99'999);
}

TEST(GrowingTest, it_is_a_vector) {
    Growing<int, 8> numbers;
    EXPECT_TRUE(numbers.empty());
    const int some[] = {1, 2, 3, 4, 5};
    numbers.append(some, std::size(some));
    EXPECT_EQ(numbers.back(), 5);
    numbers.pop();
    EXPECT_EQ(numbers.back(), 4);
    numbers.shrink(2);
    EXPECT_EQ(numbers.size(), 2u);
    numbers.append(some, 0);
    EXPECT_EQ(numbers.back(), 2);
    numbers.clear();
    EXPECT_TRUE(numbers.empty());
}

TEST(GrowingTest, one_more_than_fits_stops_everything) {
    Growing<int, 3> numbers;
    const int some[] = {1, 2, 3, 4};
    EXPECT_EXIT(numbers.append(some, 4), ::testing::ExitedWithCode(internal_error), "is full");
    numbers.append(some, 3);
    EXPECT_EXIT(numbers.push(4), ::testing::ExitedWithCode(internal_error), "is full");
}

}  // namespace
}  // namespace weave
