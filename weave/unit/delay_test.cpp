#include <gtest/gtest.h>

#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t x = 0x1000;
constexpr uintptr_t y = 0x2000;
constexpr int executions = 4'000;

std::unique_ptr<Chooser> delay_chooser() {
    Options options;
    options.mode = Mode::delay;
    return make_chooser(options);
}

Operation store_to(uintptr_t object) { return {object, 0, OperationKind::store}; }
Operation load_of(uintptr_t object) { return {object, 0, OperationKind::load}; }

/// Does the thread run before all of the others?
bool is_before(const std::vector<unsigned>& order, unsigned thread, unsigned first, unsigned last) {
    for (const unsigned ran : order) {
        if (ran == thread || (first <= ran && ran <= last)) {
            return ran == thread;
        }
    }
    return false;
}

// Five threads store to each object, one loads it: at random it is before all others in a sixth of
// the executions.
TEST(DelayTest, each_object_is_held_back_as_often) {
    std::vector<Scripted> script(1);
    for (const uintptr_t object : {x, y}) {
        script.insert(script.end(), 5, Scripted{{store_to(object)}});
    }
    script.push_back({{load_of(x)}});
    script.push_back({{load_of(y)}});
    const auto chooser = delay_chooser();
    int x_is_old = 0;
    int y_is_old = 0;
    for (int i = 0; i < executions; ++i) {
        const std::vector<unsigned> order = run_script(*chooser, script);
        x_is_old += is_before(order, 11, 1, 5) ? 1 : 0;
        y_is_old += is_before(order, 12, 6, 10) ? 1 : 0;
    }
    EXPECT_GT(x_is_old, executions / 4);
    EXPECT_NEAR(x_is_old, y_is_old, 300);
}

TEST(DelayTest, an_object_that_was_not_held_back_yet_comes_first) {
    const std::vector<Scripted> script = {
        {}, {{store_to(x)}}, {{load_of(x)}}, {{store_to(y)}}, {{load_of(y)}}};
    for (uint64_t seed = 1; seed <= 50; ++seed) {
        Options options;
        options.mode = Mode::delay;
        options.seed = seed;
        const auto chooser = make_chooser(options);
        bool x_was_old = false;
        bool y_was_old = false;
        // The first shows the objects, and one in eight is random.
        for (int i = 0; i < 12; ++i) {
            const std::vector<unsigned> order = run_script(*chooser, script);
            x_was_old |= is_before(order, 2, 1, 1);
            y_was_old |= is_before(order, 4, 3, 3);
        }
        ASSERT_TRUE(x_was_old && y_was_old) << seed;
    }
}

// Six threads take a lock, and one of them changes nothing while it holds it.
TEST(DelayTest, a_lock_whose_holder_changes_nothing_is_not_held_back) {
    const Operation lock{x, 0, OperationKind::lock};
    std::vector<Scripted> script(1);
    script.insert(script.end(), 5, Scripted{{lock, {x, 1, OperationKind::unlock}}});
    script.push_back({{lock, {x, 0, OperationKind::unlock}}});
    const auto chooser = delay_chooser();
    int is_first = 0;
    for (int i = 0; i < executions; ++i) {
        is_first += is_before(run_script(*chooser, script), 6, 1, 5) ? 1 : 0;
    }
    EXPECT_GT(is_first, executions / 3);
}

TEST(DelayTest, without_a_shared_object_all_threads_are_equally_likely) {
    const std::vector<Scripted> script = {{}, {{store_to(x)}}, {{store_to(y)}}};
    const auto chooser = delay_chooser();
    int first = 0;
    for (int i = 0; i < executions; ++i) {
        first += run_script(*chooser, script).front() == 1 ? 1 : 0;
    }
    EXPECT_NEAR(first, executions / 2, 160);
}

}  // namespace
}  // namespace weave
