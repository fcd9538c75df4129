#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <set>

#include <model/shadow.h>

namespace weave {
namespace {

/// One for all tests, because it is never destroyed, like the runtime's own. The addresses are not
/// of memory.
Shadow& shadow() {
    static Shadow* const shadow = new (reserve(sizeof(Shadow))) Shadow;
    return *shadow;
}

TEST(ShadowTest, the_bytes_of_a_word_share_a_cell) {
    constexpr uintptr_t word = 0x1000'0000;
    Cell& cell = shadow().raw(word);
    for (uintptr_t byte = 0; byte < 8; ++byte) {
        EXPECT_EQ(&shadow().raw(word + byte), &cell);
        EXPECT_EQ(shadow().raw_if_any(word + byte), &cell);
    }
    EXPECT_NE(&shadow().raw(word + 8), &cell);
    EXPECT_NE(&shadow().raw(word - 1), &cell);
}

TEST(ShadowTest, a_page_that_was_not_touched_has_no_cells) {
    constexpr uintptr_t page = 0x2000'0000;
    EXPECT_EQ(shadow().raw_if_any(page), nullptr);
    shadow().raw(page + 8);
    EXPECT_NE(shadow().raw_if_any(page), nullptr);
    EXPECT_EQ(shadow().raw_if_any(page + page_bytes), nullptr);
    EXPECT_EQ(shadow().raw_if_any(page - 1), nullptr);
}

TEST(ShadowTest, new_cells_are_of_no_execution) {
    constexpr uintptr_t page = 0x3000'0000;
    for (uintptr_t at = page; at < page + page_bytes; at += 8) {
        ASSERT_EQ(shadow().raw(at).generation, 0u);
    }
}

// More pages than there is room for among the recent ones, some of them with the same place there
// and in the table.
TEST(ShadowTest, cells_stay_where_they_are) {
    constexpr unsigned pages = 2'000;
    const auto word = [](unsigned i) {
        return 0x7000'0000'0000 + uintptr_t{i} * 256 * page_bytes * (i % 3 + 1) +
               8 * i % page_bytes;
    };
    std::set<const Cell*> cells;
    for (unsigned i = 0; i < pages; ++i) {
        Cell& cell = shadow().raw(word(i));
        if (cell.generation == 0) {
            cell.generation = i + 1;
            cells.insert(&cell);
        }
    }
    for (unsigned i = 0; i < pages; ++i) {
        ASSERT_TRUE(cells.contains(&shadow().raw(word(i))));
        ASSERT_EQ(shadow().raw_if_any(word(i)), &shadow().raw(word(i)));
    }
    EXPECT_GT(cells.size(), pages / 2);
}

}  // namespace
}  // namespace weave
