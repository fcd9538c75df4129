#include <gtest/gtest.h>

#include <map>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

std::unique_ptr<Chooser> mix_chooser(uint64_t seed = 1) {
    Options options;
    options.mode = Mode::mix;
    options.seed = seed;
    return make_chooser(options);
}

std::vector<Scripted> two_threads() {
    const std::vector<Operation> stores(6, {0x1000, 0, OperationKind::store});
    return {{}, {stores}, {stores}};
}

TEST(MixTest, every_chooser_has_its_turns_and_counts_them) {
    const auto chooser = mix_chooser();
    std::map<Mode, uint64_t> executions;
    for (int i = 0; i < 240; ++i) {
        run_script(*chooser, two_threads());
        const Share share = chooser->share();
        ASSERT_EQ(share.executions, ++executions[share.mode]);
    }
    for (const Mode mode :
         {Mode::random, Mode::pct, Mode::pos, Mode::surw, Mode::delay, Mode::starve, Mode::pctwm}) {
        EXPECT_GE(executions[mode], 20u) << name_of(mode);
    }
    EXPECT_EQ(executions.size(), 7u);
}

TEST(MixTest, an_execution_that_is_repeated_is_the_same_one) {
    const auto chooser = mix_chooser();
    for (int i = 0; i < 50; ++i) {
        const std::vector<unsigned> order = run_script(*chooser, two_threads());
        const Share share = chooser->share();
        if (share.mode == Mode::random) {
            chooser->repeat();
            ASSERT_EQ(run_script(*chooser, two_threads()), order);
            ASSERT_EQ(chooser->share().mode, share.mode);
            ASSERT_EQ(chooser->share().executions, share.executions);
        }
    }
}

TEST(MixTest, executions_follow_from_the_seed) {
    const auto a = mix_chooser(5);
    const auto b = mix_chooser(5);
    const auto c = mix_chooser(6);
    int differing = 0;
    for (int i = 0; i < 100; ++i) {
        const std::vector<unsigned> order = run_script(*a, two_threads());
        ASSERT_EQ(run_script(*b, two_threads()), order);
        differing += run_script(*c, two_threads()) != order ? 1 : 0;
    }
    EXPECT_GT(differing, 50);
}

TEST(MixTest, a_chooser_alone_says_nothing_of_shares) {
    Options options;
    options.mode = Mode::random;
    const auto chooser = make_chooser(options);
    run_script(*chooser, two_threads());
    EXPECT_EQ(chooser->share().executions, 0u);
}

}  // namespace
}  // namespace weave
