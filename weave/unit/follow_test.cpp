#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <run/choosers/follow.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t flag = 0x100;

Event event_of(Event::Kind kind, unsigned thread, uint32_t step, uint32_t read_step = 0) {
    Event event{};
    event.kind = kind;
    event.thread = static_cast<uint16_t>(thread);
    event.address = flag;
    event.step = step;
    event.read_step = read_step;
    event.writer = 1;
    return event;
}

std::string remark_of(const Event& event) {
    return event.kind == Event::Kind::store ? "a.cpp:1" : "";
}

TEST(OperationsTest, what_is_written_can_be_read) {
    const std::vector<Event> events = {
        event_of(Event::Kind::load, 2, 1), event_of(Event::Kind::store, 1, 2),
        event_of(Event::Kind::allocate, 1, 2), event_of(Event::Kind::load, 2, 3, 2)};
    const std::string text = operations_text("data-race", History(events), remark_of);
    EXPECT_EQ(text,
              "weave-operations 1\nverdict data-race\n2 load -\n1 store a.cpp:1\n2 load 1:1\n");
    KeptOperations kept;
    ASSERT_TRUE(parse_operations(text, kept));
    EXPECT_EQ(kept.verdict, "data-race");
    const std::vector<KeptOperation> expected = {{2, Event::Kind::load, true, 0, 0},
                                                 {1, Event::Kind::store, false, 0, 0},
                                                 {2, Event::Kind::load, true, 1, 1}};
    EXPECT_EQ(kept.operations, expected);
}

TEST(OperationsTest, other_texts_are_refused) {
    const std::string head = "weave-operations 1\nverdict crash\n";
    KeptOperations kept;
    EXPECT_FALSE(parse_operations("", kept));
    EXPECT_FALSE(parse_operations("weave-operations 2\nverdict crash\n1 store\n", kept));
    EXPECT_FALSE(parse_operations(head, kept));
    EXPECT_FALSE(parse_operations(head + "1 jump\n", kept));
    EXPECT_FALSE(parse_operations(head + "x store\n", kept));
    EXPECT_FALSE(parse_operations(head + "1 load\n", kept));
    EXPECT_FALSE(parse_operations(head + "1 load 2\n", kept));
    EXPECT_FALSE(parse_operations(head + "1 load 2:0\n", kept));
}

// An execution as a test says it is.
class Scene final : public Sight {
  public:
    unsigned current() override { return running; }
    Operation pending(unsigned) override {
        Operation load;
        load.kind = OperationKind::load;
        load.object = flag;
        return load;
    }
    std::span<const Event> events() override { return happened; }
    std::optional<unsigned> alternative_of(const Point& store) override {
        asked = store;
        return alternative;
    }

    void happen(Event::Kind kind, unsigned thread) {
        happened.push_back(event_of(kind, thread, 1));
    }

    unsigned running = 0;
    std::vector<Event> happened;
    std::optional<unsigned> alternative;
    Point asked;
};

class FollowTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(chooser_.begin()); }

    /// The thread that the chooser takes of the first three.
    unsigned next() {
        const Turn turn = turn_of(first_threads(3), 0);
        return turn.thread(chooser_.choose_thread(turn));
    }

    Scene scene_;
    const std::vector<KeptOperation> kept_ = {{1, Event::Kind::store, false, 0, 0},
                                              {2, Event::Kind::load, true, 1, 1},
                                              {2, Event::Kind::lock, false, 0, 0},
                                              {2, Event::Kind::rmw, true, 1, 1},
                                              {1, Event::Kind::load, true, 2, 1}};
    FollowChooser chooser_{scene_, kept_};
};

TEST_F(FollowTest, the_thread_of_the_next_operation_runs) {
    EXPECT_EQ(next(), 1u);
    scene_.happen(Event::Kind::store, 1);
    EXPECT_EQ(next(), 2u);
    scene_.happen(Event::Kind::load, 2);
    scene_.happen(Event::Kind::lock, 2);
    EXPECT_EQ(next(), 2u);
    scene_.happen(Event::Kind::rmw, 2);
    EXPECT_EQ(next(), 1u);
}

TEST_F(FollowTest, a_new_operation_is_passed_over) {
    scene_.happen(Event::Kind::load, 1);
    // The load is the thread's last operation, which is not far: the store is taken for gone.
    EXPECT_EQ(next(), 2u);
    scene_.happen(Event::Kind::unlock, 2);
    EXPECT_EQ(next(), 2u);
}

TEST_F(FollowTest, operations_that_are_gone_are_skipped) {
    scene_.happen(Event::Kind::store, 1);
    scene_.happen(Event::Kind::rmw, 2);
    EXPECT_EQ(next(), 1u);
}

TEST_F(FollowTest, a_load_reads_the_kept_store) {
    scene_.happen(Event::Kind::store, 1);
    scene_.running = 2;
    scene_.alternative = 3;
    EXPECT_EQ(chooser_.choose(Alternative::store, 4), 3u);
    EXPECT_EQ(scene_.asked, (Point{1, Point::Kind::write, 1, flag}));
    EXPECT_EQ(chooser_.choose(Alternative::store, 3), 0u);
    EXPECT_EQ(chooser_.choose(Alternative::placement, 4), 0u);
}

TEST_F(FollowTest, later_executions_differ) {
    scene_.running = 2;
    scene_.alternative = 3;
    const auto choices = [&] {
        std::vector<unsigned> chosen;
        for (int i = 0; i < 200; ++i) {
            chosen.push_back(chooser_.choose(Alternative::store, 4));
        }
        return chosen;
    };
    EXPECT_EQ(choices(), std::vector<unsigned>(200, 3));
    for (int execution = 1; execution < 6; ++execution) {
        ASSERT_TRUE(chooser_.begin());
    }
    const std::vector<unsigned> drawn = choices();
    EXPECT_GT(std::count(drawn.begin(), drawn.end(), 3u), 100);
    EXPECT_LT(std::count(drawn.begin(), drawn.end(), 3u), 200);
}

}  // namespace
}  // namespace weave
