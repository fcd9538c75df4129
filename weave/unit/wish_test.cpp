#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include <run/accesses.h>
#include <run/choosers/wish.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t flag = 0x100;
constexpr unsigned reader = 1;
constexpr unsigned writer = 2;

Event event_of(Event::Kind kind, unsigned thread, uint32_t step = 0, uint32_t read_step = 0) {
    Event event{};
    event.kind = kind;
    event.thread = static_cast<uint16_t>(thread);
    event.address = flag;
    event.object = 7;
    event.step = step;
    event.read_step = read_step;
    return event;
}

/// An execution as a test says it is, and turns of it.
class Scene final : public Sight {
  public:
    explicit Scene(uint32_t read, std::vector<uint8_t> bytes = {})
        : bytes_(std::move(bytes)),
          chooser(*this, bytes_.data(), bytes_.size(), {{reader, read, writer, 2}}) {
        pending_.fill({.object = flag, .kind = OperationKind::store});
        pending_[reader].kind = OperationKind::load;
        chooser.begin();
    }

    unsigned current() override { return running; }
    Operation pending(unsigned thread) override { return pending_[thread]; }
    std::span<const Event> events() override { return happened; }
    std::optional<unsigned> alternative_of(const Point& store) override {
        asked = store;
        return alternative;
    }
    bool take_extra_turn() override { return is_extra; }

    /// The thread that runs next, of threads 0 to 2.
    unsigned next(const ThreadSet& enabled = first_threads(3)) {
        const Turn turn = turn_of(enabled, running, 1, pending_.data());
        running = turn.thread(chooser.choose_thread(turn));
        return running;
    }

  private:
    std::vector<uint8_t> bytes_;
    std::array<Operation, threads_max> pending_;

  public:
    WishChooser chooser;
    unsigned running = reader;
    std::vector<Event> happened;
    std::optional<unsigned> alternative;
    std::optional<Point> asked;
    bool is_extra = false;
};

TEST(WishTest, a_read_waits_until_its_store_is_there_and_comes_next_then) {
    Scene scene(1);
    EXPECT_EQ(scene.next(), writer);
    EXPECT_EQ(scene.asked, (Point{writer, Point::Kind::write, 2, flag}));
    EXPECT_EQ(scene.next(), writer);
    scene.alternative = 0;
    EXPECT_EQ(scene.next(), reader);
}

TEST(WishTest, a_read_of_the_initial_value_does_not_wait) {
    Scene scene(1);
    WishChooser chooser(scene, nullptr, 0, {{reader, 1, writer, 0}});
    chooser.begin();
    std::array<Operation, threads_max> pending{};
    pending[reader] = {.object = flag, .kind = OperationKind::load};
    EXPECT_EQ(chooser.choose_thread(turn_of(first_threads(3), reader, 1, pending.data())), 0u);
}

TEST(WishTest, a_read_that_may_return_the_store_does) {
    Scene scene(1, {0, 1});
    scene.alternative = 3;
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 5), 3u);
    EXPECT_EQ(scene.chooser.choose(Alternative::failure, 2), 1u);
}

TEST(WishTest, a_read_that_may_not_return_the_store_takes_its_byte) {
    Scene scene(1, {2, 1});
    scene.alternative = 3;
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 3), 2u);
    scene.alternative.reset();
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 3), 1u);
}

TEST(WishTest, only_the_read_of_that_number_and_thread_counts) {
    Scene scene(3);
    scene.happened = {event_of(Event::Kind::load, reader), event_of(Event::Kind::load, writer),
                      event_of(Event::Kind::store, reader)};
    EXPECT_EQ(scene.next(), reader);
    scene.alternative = 1;
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 2), 0u);
    scene.happened.push_back(event_of(Event::Kind::exchange_failed, reader));
    scene.running = writer;
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 2), 0u);
    scene.running = reader;
    EXPECT_EQ(scene.chooser.choose(Alternative::store, 2), 1u);
    scene.alternative.reset();
    EXPECT_EQ(scene.next(), writer);
    scene.happened.push_back(event_of(Event::Kind::rmw, reader));
    scene.running = reader;
    EXPECT_EQ(scene.next(), reader);
}

TEST(WishTest, a_read_waits_no_longer_than_another_thread_can_run) {
    Scene scene(1);
    ThreadSet alone;
    alone.add(reader);
    EXPECT_EQ(scene.next(), writer);
    EXPECT_EQ(scene.next(alone), reader);
    // It has given up.
    EXPECT_EQ(scene.next(), reader);
}

TEST(WishTest, a_read_does_not_wait_for_ever) {
    Scene scene(1);
    unsigned waited = 0;
    while (scene.next() != reader && waited < 10 * WishChooser::held_turns_max) {
        ++waited;
    }
    EXPECT_GE(waited, WishChooser::held_turns_max);
    // And the many turns in a row that a thread gets without bytes.
    EXPECT_LT(waited, WishChooser::held_turns_max + 200);
}

TEST(WishTest, two_threads_that_wait_for_each_other_both_run) {
    Scene scene(1);
    WishChooser chooser(scene, nullptr, 0, {{reader, 1, writer, 2}, {writer, 1, reader, 1}});
    chooser.begin();
    std::array<Operation, threads_max> pending{};
    pending[reader] = pending[writer] = {.object = flag, .kind = OperationKind::load};
    ThreadSet both;
    both.add(reader);
    both.add(writer);
    const Turn turn = turn_of(both, writer, 1, pending.data());
    EXPECT_EQ(turn.thread(chooser.choose_thread(turn)), writer);
    EXPECT_EQ(chooser.choose_thread(turn), 0u);
}

TEST(WishTest, turns_that_only_a_wish_gives_take_no_byte) {
    Scene scene(9, {2, 1});
    scene.is_extra = true;
    EXPECT_EQ(scene.next(), reader);
    scene.is_extra = false;
    EXPECT_EQ(scene.next(), 0u);
    EXPECT_EQ(scene.next(), 1u);
}

TEST(WishTest, each_other_turn_takes_its_byte) {
    Scene scene(1, {1, 1, 1, 2});
    EXPECT_EQ(scene.next(), 0u);      // of 2 and 0
    EXPECT_EQ(scene.next(), writer);  // of 0 and 2
    scene.alternative = 0;
    EXPECT_EQ(scene.next(), reader);
    EXPECT_EQ(scene.next(), 0u);
}

TEST(WishTest, an_execution_begins_anew) {
    Scene scene(1);
    scene.happened = {event_of(Event::Kind::load, reader)};
    EXPECT_EQ(scene.next(), reader);
    scene.happened.clear();
    scene.chooser.repeat();
    ASSERT_TRUE(scene.chooser.begin());
    EXPECT_EQ(scene.next(), writer);
}

TEST(AccessesTest, a_read_names_the_access_that_it_returns_the_store_of) {
    const std::vector<Event> events = {
        event_of(Event::Kind::load, 1, 1),   event_of(Event::Kind::store, 2, 2),
        event_of(Event::Kind::create, 2, 2), event_of(Event::Kind::rmw, 1, 4, 2),
        event_of(Event::Kind::fence, 1, 5),  event_of(Event::Kind::exchange_failed, 2, 6, 4),
        event_of(Event::Kind::load, 1, 7, 2)};
    const std::vector<SeenAccess> accesses = accesses_of(events);
    ASSERT_EQ(accesses.size(), 5u);
    const std::array<size_t, 5> from = {SeenAccess::no_access, SeenAccess::no_access, 1, 2, 1};
    for (size_t i = 0; i < accesses.size(); ++i) {
        EXPECT_EQ(accesses[i].from, from[i]) << i;
        EXPECT_EQ(accesses[i].object, 7u);
    }
    EXPECT_EQ(accesses[1].thread, 2u);
    EXPECT_FALSE(accesses[1].reads);
    EXPECT_TRUE(accesses[2].reads && accesses[2].writes);
    EXPECT_FALSE(accesses[3].writes);
}

}  // namespace
}  // namespace weave
