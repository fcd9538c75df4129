#include <gtest/gtest.h>

#include <set>
#include <vector>

#include <run/choosers/make.h>
#include <run/random.h>

#include "turns.h"

namespace weave {
namespace {

using Path = std::vector<unsigned>;

std::unique_ptr<Chooser> dfs_chooser(int32_t preemptions = -1) {
    Options options;
    options.mode = Mode::dfs;
    options.preemptions = preemptions;
    return make_chooser(options);
}

/// All paths that a search takes. `execute(chooser)` is an execution, and returns its path.
template <class Execute>
std::vector<Path> search(Chooser& chooser, Execute execute) {
    constexpr size_t paths_max = 1'000'000;
    std::vector<Path> paths;
    while (paths.size() < paths_max && chooser.begin()) {
        paths.push_back(execute(chooser));
        chooser.end(paths.back().size());
    }
    return paths;
}

bool has_no_duplicates(const std::vector<Path>& paths) {
    return std::set<Path>(paths.begin(), paths.end()).size() == paths.size();
}

// An irregular tree: the number of alternatives follows from the path so far, and
// 0 is a leaf. A choice with a single alternative is not asked for.
unsigned alternatives_after(const Path& path, uint64_t shape) {
    constexpr size_t depth_max = 7;
    if (path.size() == depth_max) {
        return 0;
    }
    for (const unsigned chosen : path) {
        shape = Random(shape, chosen).next();
    }
    const unsigned drawn = Random(shape, path.size()).below(6);
    return drawn < 2 ? (path.size() < 2 ? 2 : 0) : drawn;
}

size_t count_leaves(const Path& path, uint64_t shape) {
    const unsigned count = alternatives_after(path, shape);
    size_t leaves = count == 0 ? 1 : 0;
    for (unsigned chosen = 0; chosen < count; ++chosen) {
        Path longer = path;
        longer.push_back(chosen);
        leaves += count_leaves(longer, shape);
    }
    return leaves;
}

TEST(DfsTest, every_path_of_a_tree_is_taken_once) {
    for (uint64_t shape = 1; shape <= 10; ++shape) {
        const auto chooser = dfs_chooser();
        const std::vector<Path> paths = search(*chooser, [&](Chooser& chooses) {
            Path path;
            while (const unsigned count = alternatives_after(path, shape)) {
                path.push_back(chooses.choose(Alternative::store, count));
                EXPECT_LT(path.back(), count);
            }
            return path;
        });
        EXPECT_EQ(paths.size(), count_leaves({}, shape)) << shape;
        EXPECT_TRUE(has_no_duplicates(paths)) << shape;
        EXPECT_TRUE(chooser->is_complete());
        EXPECT_FALSE(chooser->begin());
    }
}

TEST(DfsTest, a_choice_that_differs_the_next_time_makes_the_search_incomplete) {
    const auto chooser = dfs_chooser();
    ASSERT_TRUE(chooser->begin());
    EXPECT_EQ(chooser->choose(Alternative::store, 3), 0u);
    EXPECT_EQ(chooser->choose(Alternative::store, 3), 0u);
    ASSERT_TRUE(chooser->begin());
    EXPECT_EQ(chooser->choose(Alternative::store, 2), 0u);
    EXPECT_EQ(chooser->choose(Alternative::store, 2), 0u);
    while (chooser->begin()) {
        EXPECT_LT(chooser->choose(Alternative::store, 2), 2u);
    }
    EXPECT_FALSE(chooser->is_complete());
}

TEST(DfsTest, without_choices_there_is_one_execution) {
    const auto chooser = dfs_chooser();
    EXPECT_EQ(search(*chooser, [](Chooser&) { return Path(); }).size(), 1u);
    EXPECT_TRUE(chooser->is_complete());
}

TEST(DfsTest, the_first_execution_chooses_0_everywhere) {
    const auto chooser = dfs_chooser();
    ASSERT_TRUE(chooser->begin());
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(chooser->choose_thread(turn_of(first_threads(3), 1)), 0u);
    }
}

/// Two threads of `steps_each` steps; a thread that has made all of its steps is not enabled. The
/// path is the list of threads that ran.
Path run_two_threads(Chooser& chooser, unsigned steps_each) {
    unsigned left[2] = {steps_each, steps_each};
    unsigned current = 0;
    Path ran;
    while (left[0] + left[1] != 0) {
        const Turn turn = turn_of((left[0] != 0 ? 1 : 0) | (left[1] != 0 ? 2 : 0), current);
        current = turn.count() == 1 ? turn.thread(0) : turn.thread(chooser.choose_thread(turn));
        --left[current];
        ran.push_back(current);
    }
    return ran;
}

/// How often the other thread took over from one that had steps left. Thread 0 has the turn first.
int preemptions_in(const Path& ran, unsigned steps_each) {
    unsigned left[2] = {steps_each, steps_each};
    unsigned current = 0;
    int preemptions = 0;
    for (const unsigned thread : ran) {
        preemptions += thread != current && left[current] != 0 ? 1 : 0;
        current = thread;
        --left[current];
    }
    return preemptions;
}

constexpr unsigned steps_each = 4;

std::vector<Path> search_two_threads(Chooser& chooser) {
    return search(chooser, [](Chooser& chooses) { return run_two_threads(chooses, steps_each); });
}

TEST(DfsTest, all_interleavings_of_two_threads) {
    const auto chooser = dfs_chooser();
    const std::vector<Path> paths = search_two_threads(*chooser);
    EXPECT_EQ(paths.size(), 70u);  // 8 over 4
    EXPECT_TRUE(has_no_duplicates(paths));
    EXPECT_TRUE(chooser->is_complete());
}

TEST(DfsTest, a_bound_on_preemptions_cuts_what_has_more) {
    const auto unbounded = dfs_chooser();
    const std::vector<Path> all = search_two_threads(*unbounded);
    for (int32_t bound = 0; bound <= 6; ++bound) {
        std::set<Path> expected;
        for (const Path& path : all) {
            if (preemptions_in(path, steps_each) <= bound) {
                expected.insert(path);
            }
        }
        const auto chooser = dfs_chooser(bound);
        const std::vector<Path> paths = search_two_threads(*chooser);
        EXPECT_TRUE(has_no_duplicates(paths)) << bound;
        EXPECT_EQ(std::set<Path>(paths.begin(), paths.end()), expected) << bound;
        if (expected.size() < all.size()) {
            EXPECT_FALSE(chooser->is_complete()) << bound;
        }
    }
}

TEST(DfsTest, a_bound_that_cuts_nothing_leaves_the_search_complete) {
    const auto chooser = dfs_chooser(static_cast<int32_t>(2 * steps_each));
    EXPECT_EQ(search_two_threads(*chooser).size(), 70u);
    EXPECT_TRUE(chooser->is_complete());
}

TEST(DfsTest, choices_between_stores_are_not_preemptions) {
    const auto chooser = dfs_chooser(0);
    const std::vector<Path> paths = search(*chooser, [](Chooser& chooses) {
        return Path{chooses.choose(Alternative::store, 2), chooses.choose(Alternative::failure, 3)};
    });
    EXPECT_EQ(paths.size(), 6u);
    EXPECT_TRUE(chooser->is_complete());
}

}  // namespace
}  // namespace weave
