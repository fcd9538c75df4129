#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include <run/choosers/constrained.h>
#include <run/choosers/perturbed.h>
#include <run/choosers/replay.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t flag = 0x100;

// An execution as a test says it is.
class Scene final : public Sight {
  public:
    unsigned current() override { return running; }
    Operation pending(unsigned thread) override { return next[thread]; }
    std::span<const Event> events() override { return happened; }
    std::optional<unsigned> alternative_of(const Point&) override { return alternative; }

    void happen(Event::Kind kind, unsigned thread) {
        Event event{};
        event.kind = kind;
        event.thread = static_cast<uint16_t>(thread);
        event.address = flag;
        happened.push_back(event);
    }
    void prepare(unsigned thread, OperationKind kind) {
        next[thread].kind = kind;
        next[thread].object = flag;
    }

    unsigned running = 0;
    Operation next[3];
    std::vector<Event> happened;
    std::optional<unsigned> alternative;
};

Point write_of(unsigned thread, uint32_t number) {
    return {static_cast<uint16_t>(thread), Point::Kind::write, number, flag};
}

Point read_of(unsigned thread, uint32_t number) {
    return {static_cast<uint16_t>(thread), Point::Kind::read, number, flag};
}

class ConstrainedTest : public ::testing::Test {
  protected:
    ConstrainedChooser chooser_of(const Fact& fact, bool forces_any = true) {
        ConstrainedChooser chooser(inner_, scene_, {&fact, 1}, forces_any);
        EXPECT_TRUE(chooser.begin());
        return chooser;
    }

    /// The thread that the chooser takes of the first three, while thread 0 runs.
    static unsigned thread_of(ConstrainedChooser& chooser) {
        const Turn turn = turn_of(first_threads(3), 0);
        return turn.thread(chooser.choose_thread(turn));
    }

    static constexpr uint8_t choices_[] = {1, 1, 1, 1};
    ReplayChooser inner_{choices_, std::size(choices_)};
    Scene scene_;
};

TEST_F(ConstrainedTest, an_operation_waits_for_the_one_before_it) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::before, write_of(2, 1), write_of(1, 1)});
    scene_.prepare(1, OperationKind::store);
    EXPECT_EQ(thread_of(chooser), 2u);
    scene_.happen(Event::Kind::store, 2);
    EXPECT_EQ(thread_of(chooser), 1u);
}

TEST_F(ConstrainedTest, only_the_operation_of_that_number_waits) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::before, write_of(2, 1), write_of(1, 2)});
    scene_.prepare(1, OperationKind::store);
    EXPECT_EQ(thread_of(chooser), 1u);
    scene_.happen(Event::Kind::store, 1);
    EXPECT_EQ(thread_of(chooser), 2u);
}

TEST_F(ConstrainedTest, a_load_waits_for_its_store) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::reads, write_of(2, 1), read_of(1, 1)});
    scene_.prepare(1, OperationKind::load);
    EXPECT_EQ(thread_of(chooser), 2u);
}

TEST_F(ConstrainedTest, when_all_threads_would_wait_none_does) {
    const Fact facts[] = {{Fact::Kind::before, write_of(1, 1), write_of(0, 1)},
                          {Fact::Kind::before, write_of(0, 1), write_of(1, 1)}};
    ConstrainedChooser chooser(inner_, scene_, facts, true);
    ASSERT_TRUE(chooser.begin());
    scene_.prepare(0, OperationKind::store);
    scene_.prepare(1, OperationKind::store);
    const Turn turn = turn_of(first_threads(2), 0);
    EXPECT_EQ(chooser.choose_thread(turn), 1u);
}

TEST_F(ConstrainedTest, a_load_gets_its_store) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::reads, write_of(2, 1), read_of(0, 1)});
    scene_.prepare(0, OperationKind::load);
    scene_.alternative = 3;
    EXPECT_EQ(chooser.choose(Alternative::store, 4), 3u);
}

TEST_F(ConstrainedTest, a_store_that_cannot_be_read_is_left_to_chance) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::reads, write_of(2, 1), read_of(0, 1)});
    scene_.prepare(0, OperationKind::load);
    EXPECT_EQ(chooser.choose(Alternative::store, 4), 1u);
    scene_.alternative = 4;
    EXPECT_EQ(chooser.choose(Alternative::store, 4), 1u);
}

TEST_F(ConstrainedTest, other_choices_are_those_of_the_other_chooser) {
    ConstrainedChooser chooser = chooser_of({Fact::Kind::reads, write_of(2, 1), read_of(0, 1)});
    scene_.prepare(0, OperationKind::load);
    scene_.alternative = 3;
    EXPECT_EQ(chooser.choose(Alternative::placement, 4), 1u);
    scene_.prepare(0, OperationKind::store);
    EXPECT_EQ(chooser.choose(Alternative::store, 4), 1u);
}

TEST_F(ConstrainedTest, any_load_gets_the_store_only_if_that_is_forced) {
    const Fact fact{Fact::Kind::reads, write_of(2, 1), read_of(0, 0)};
    ReplayChooser plain(nullptr, 0);
    scene_.prepare(0, OperationKind::load);
    scene_.alternative = 3;
    ConstrainedChooser forcing(plain, scene_, {&fact, 1}, /*forces_any=*/true);
    ASSERT_TRUE(forcing.begin());
    EXPECT_EQ(forcing.choose(Alternative::store, 4), 3u);
    ConstrainedChooser leaving(plain, scene_, {&fact, 1}, /*forces_any=*/false);
    ASSERT_TRUE(leaving.begin());
    EXPECT_EQ(leaving.choose(Alternative::store, 4), 0u);
}

TEST(PerturbedTest, executions_differ_and_can_be_repeated) {
    const std::vector<uint8_t> recorded(40, uint8_t{1});
    PerturbedChooser chooser(recorded.data(), recorded.size(), 7);
    const auto next = [&] {
        chooser.begin();
        std::vector<unsigned> choices;
        for (size_t i = 0; i < recorded.size(); ++i) {
            choices.push_back(chooser.choose(Alternative::waiter, 5));
        }
        return choices;
    };
    const std::vector<unsigned> first = next();
    chooser.repeat();
    EXPECT_EQ(next(), first);
    // The seventh has one choice in 64 drawn anew.
    std::vector<unsigned> seventh;
    for (int execution = 1; execution < 7; ++execution) {
        seventh = next();
    }
    EXPECT_NE(seventh, first);
    EXPECT_GE(std::count(seventh.begin(), seventh.end(), 1u), 30);
}

}  // namespace
}  // namespace weave
