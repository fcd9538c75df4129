#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t x = 0x1000;
constexpr uintptr_t y = 0x2000;
constexpr int executions = 4'000;

std::unique_ptr<Chooser> pos_chooser() {
    Options options;
    options.mode = Mode::pos;
    return make_chooser(options);
}

Operation store_to(uintptr_t object) { return {object, 0, OperationKind::store}; }
Operation load_of(uintptr_t object) { return {object, 0, OperationKind::load}; }

/// How often the only operation of thread 2 comes at each place among the two of thread 1, in the
/// executions that are as in the paper, or in the others.
std::vector<int> places_of(Chooser& chooser, const Operation& other, const Operation& its,
                           bool as_in_paper = true) {
    const std::vector<Scripted> script = {{}, {{other, other}}, {{its}}};
    std::vector<int> places(3);
    for (int i = 0; i < 8 * executions; ++i) {
        const std::vector<unsigned> order = run_script(chooser, script);
        if (i % 8 != (as_in_paper ? 0 : 1)) {
            continue;
        }
        const auto place = std::find(order.begin(), order.end(), 2u) - order.begin();
        ++places[static_cast<size_t>(place)];
    }
    return places;
}

void expect_shares(const std::vector<int>& counts, const std::vector<double>& shares) {
    for (size_t i = 0; i < shares.size(); ++i) {
        // Five standard deviations of a share of a half.
        EXPECT_NEAR(counts[i], shares[i] * executions, 160) << i;
    }
}

TEST(PosTest, any_operation_may_be_first) {
    const auto chooser = pos_chooser();
    const std::vector<Scripted> script = {{}, {{store_to(x)}}, {{store_to(x)}}, {{load_of(y)}}};
    std::map<unsigned, int> first;
    for (int i = 0; i < executions; ++i) {
        ++first[run_script(*chooser, script).front()];
    }
    for (unsigned thread = 1; thread <= 3; ++thread) {
        EXPECT_NEAR(first[thread], executions / 3, 150) << thread;
    }
}

TEST(PosTest, an_operation_that_races_gets_a_new_priority) {
    const auto chooser = pos_chooser();
    const std::vector<double> shares = {0.5, 0.25, 0.25};
    expect_shares(places_of(*chooser, store_to(x), store_to(x)), shares);
    expect_shares(places_of(*chooser, load_of(x), store_to(x)), shares);
    expect_shares(places_of(*chooser, store_to(x), load_of(x)), shares);
}

// It is the last one if its priority is the lowest of the three: a third.
TEST(PosTest, an_operation_that_does_not_race_keeps_its_priority) {
    const auto chooser = pos_chooser();
    const std::vector<double> shares = {1.0 / 2, 1.0 / 6, 1.0 / 3};
    expect_shares(places_of(*chooser, store_to(y), store_to(x)), shares);
    expect_shares(places_of(*chooser, load_of(x), load_of(x)), shares);
    expect_shares(places_of(*chooser, store_to(0), store_to(0)), shares);
}

TEST(PosTest, in_most_executions_loads_of_an_object_get_new_priorities_too) {
    const auto chooser = pos_chooser();
    const std::vector<double> racing = {0.5, 0.25, 0.25};
    const std::vector<double> other = {1.0 / 2, 1.0 / 6, 1.0 / 3};
    expect_shares(places_of(*chooser, load_of(x), load_of(x), false), racing);
    expect_shares(places_of(*chooser, load_of(y), load_of(x), false), other);
    expect_shares(places_of(*chooser, load_of(0), load_of(0), false), other);
}

}  // namespace
}  // namespace weave
