#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include <model/heap.h>

namespace weave {
namespace {

/// A reservation of the whole heap, so there is one for all tests.
class HeapTest : public ::testing::Test {
  protected:
    ~HeapTest() override { heap_.reset(); }

    static char* memory_of(const Block& block) { return reinterpret_cast<char*>(block.base); }

    static Heap& heap_of_all() {
        static Heap heap;
        return heap;
    }

    Heap& heap_ = heap_of_all();
};

TEST_F(HeapTest, blocks_have_gaps_between_them) {
    uintptr_t end = 0;
    for (size_t size = 0; size < 100; ++size) {
        const Block* const block = heap_.allocate(size, 16);
        ASSERT_NE(block, nullptr);
        EXPECT_TRUE(heap_.contains(block->base));
        EXPECT_EQ(block->base % 16, 0u);
        EXPECT_GE(block->base, end + Heap::gap);
        EXPECT_EQ(block->capacity % 16, 0u);
        EXPECT_GE(block->capacity, std::max<size_t>(size, 1));
        end = block->base + block->size;
    }
}

TEST_F(HeapTest, alignment_is_kept) {
    for (size_t alignment = 16; alignment <= 1 << 16; alignment *= 2) {
        heap_.allocate(1, 16);
        EXPECT_EQ(heap_.allocate(24, alignment)->base % alignment, 0u);
    }
}

TEST_F(HeapTest, fresh_memory_is_filled) {
    const Block* const block = heap_.allocate(1000, 16);
    const char* const memory = memory_of(*block);
    EXPECT_TRUE(std::all_of(memory, memory + block->size, [](char byte) {
        return static_cast<unsigned char>(byte) == Heap::fill;
    }));
}

TEST_F(HeapTest, numbers_are_in_the_order_of_allocation) {
    EXPECT_EQ(heap_.allocate(8, 16)->number, 1u);
    Block& second = *heap_.allocate(8, 16);
    EXPECT_EQ(second.number, 2u);
    heap_.free(second);
    heap_.reuse(second, 8);
    EXPECT_EQ(second.number, 3u);
}

TEST_F(HeapTest, a_block_is_found_by_its_addresses_and_by_those_after_it) {
    Block* const first = heap_.allocate(40, 16);
    Block* const second = heap_.allocate(40, 16);
    EXPECT_EQ(heap_.at(first->base), first);
    EXPECT_EQ(heap_.at(first->base + 1), nullptr);
    EXPECT_EQ(heap_.around(first->base + 39), first);
    EXPECT_EQ(heap_.around(second->base - 1), first);
    EXPECT_EQ(heap_.around(second->base), second);
    EXPECT_EQ(heap_.around(first->base - 1), nullptr);
}

TEST_F(HeapTest, used_memory_ends_after_the_last_block) {
    const Block* const block = heap_.allocate(8, 16);
    EXPECT_TRUE(heap_.is_used(block->base));
    EXPECT_FALSE(heap_.is_used(block->base + page_bytes));
}

TEST_F(HeapTest, the_block_freed_last_is_the_first_to_be_used_again) {
    Block* const a = heap_.allocate(30, 16);
    Block* const b = heap_.allocate(32, 16);
    heap_.free(*a);
    heap_.free(*b);
    ASSERT_EQ(heap_.reusable(17, 16), b);
    std::memset(memory_of(*b), 0, b->size);
    heap_.reuse(*b, 17);
    EXPECT_FALSE(b->is_freed);
    EXPECT_EQ(b->size, 17u);
    EXPECT_EQ(static_cast<unsigned char>(memory_of(*b)[16]), Heap::fill);
    EXPECT_EQ(heap_.reusable(32, 8), a);
    heap_.reuse(*a, 32);
    EXPECT_EQ(heap_.reusable(32, 16), nullptr);
}

TEST_F(HeapTest, only_the_same_capacity_and_no_unusual_alignment_is_used_again) {
    heap_.free(*heap_.allocate(32, 16));
    EXPECT_EQ(heap_.reusable(33, 16), nullptr);
    EXPECT_EQ(heap_.reusable(16, 16), nullptr);
    EXPECT_EQ(heap_.reusable(32, 64), nullptr);
    EXPECT_NE(heap_.reusable(32, 16), nullptr);
}

TEST_F(HeapTest, large_blocks_are_not_used_again) {
    heap_.free(*heap_.allocate(1024, 16));
    EXPECT_EQ(heap_.reusable(1024, 16), nullptr);
    heap_.free(*heap_.allocate(1008, 16));
    EXPECT_NE(heap_.reusable(1008, 16), nullptr);
}

TEST_F(HeapTest, nothing_is_as_large_as_the_heap) {
    EXPECT_EQ(heap_.allocate(Heap::bytes_max, 16), nullptr);
    EXPECT_EQ(heap_.allocate(~size_t{0}, 16), nullptr);
    EXPECT_EQ(heap_.allocate(~size_t{0} - 100, 16), nullptr);
    EXPECT_NE(heap_.allocate(8, 16), nullptr);
}

TEST_F(HeapTest, a_reset_begins_again_at_the_same_address) {
    const uintptr_t first = heap_.allocate(100, 16)->base;
    heap_.free(*heap_.allocate(32, 16));
    heap_.reset();
    EXPECT_TRUE(heap_.blocks.empty());
    EXPECT_EQ(heap_.reusable(32, 16), nullptr);
    const Block* const again = heap_.allocate(100, 16);
    EXPECT_EQ(again->base, first);
    EXPECT_EQ(again->number, 1u);
}

TEST_F(HeapTest, memory_is_filled_again_after_an_execution_that_used_much) {
    constexpr size_t much = size_t{3} << 20;
    std::memset(memory_of(*heap_.allocate(much, 16)), 1, much);
    heap_.reset();
    const Block* const again = heap_.allocate(64, 16);
    EXPECT_EQ(static_cast<unsigned char>(memory_of(*again)[63]), Heap::fill);
}

// Another heap: what is kept is kept for good.
TEST(HeapKeepTest, a_reset_puts_back_what_was_kept) {
    Heap heap;
    const Block freed = *heap.allocate(32, 16);
    heap.free(*heap.at(freed.base));
    Block* kept = heap.allocate(100, 16);
    const uintptr_t base = kept->base;
    std::strcpy(reinterpret_cast<char*>(base), "kept");
    heap.keep();
    for (int execution = 0; execution < 3; ++execution) {
        heap.reset();
        ASSERT_EQ(heap.blocks.size(), 2u);
        kept = heap.at(base);
        ASSERT_NE(kept, nullptr);
        EXPECT_FALSE(kept->is_freed);
        EXPECT_STREQ(reinterpret_cast<char*>(base), "kept");
        ASSERT_NE(heap.reusable(32, 16), nullptr);
        EXPECT_EQ(heap.reusable(32, 16)->base, freed.base);
        std::strcpy(reinterpret_cast<char*>(base), "gone");
        heap.free(*kept);
        heap.reuse(*heap.reusable(32, 16), 20);
        EXPECT_EQ(heap.allocate(16, 16)->number, 4u);
    }
}

}  // namespace
}  // namespace weave
