#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include <run/facts.h>
#include <run/ordering.h>

namespace weave {
namespace {

constexpr uintptr_t flag = 0x100;
constexpr uintptr_t data = 0x200;
constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

// A list of events in which the step of each is its place, from 1.
class Events {
  public:
    Events& store(unsigned thread, uintptr_t object, std::memory_order order = release) {
        return add(Event::Kind::store, thread, object, order);
    }
    // `from` is the step of the store that is read; 0: the initial value.
    Events& load(unsigned thread, uintptr_t object, uint32_t from,
                 std::memory_order order = acquire) {
        return add(Event::Kind::load, thread, object, order, from);
    }
    Events& rmw(unsigned thread, uintptr_t object, uint32_t from, std::memory_order order) {
        return add(Event::Kind::rmw, thread, object, order, from);
    }
    Events& add(Event::Kind kind, unsigned thread, uintptr_t object,
                std::memory_order order = relaxed, uint32_t from = 0) {
        Event event{};
        event.kind = kind;
        event.thread = static_cast<uint16_t>(thread);
        event.address = object;
        event.order = static_cast<uint8_t>(order);
        event.step = static_cast<uint32_t>(events_.size() + 1);
        event.read_step = from;
        event.writer = from == 0 ? uint16_t{0} : events_[from - 1].thread;
        events_.push_back(event);
        return *this;
    }
    History history() const { return History(events_); }

  private:
    std::vector<Event> events_;
};

Point point(unsigned thread, Point::Kind kind, uintptr_t object, uint32_t number) {
    return {static_cast<uint16_t>(thread), kind, number, object};
}

Fact reads(const Point& store, const Point& load) { return {Fact::Kind::reads, store, load}; }

TEST(HistoryTest, a_load_obeys_the_fact_of_the_store_that_it_has_read) {
    const History history =
        Events().store(1, flag).store(1, flag).load(2, flag, 0).load(2, flag, 2).history();
    const Point initial = point(0, Point::Kind::write, flag, 0);
    const Point second = point(1, Point::Kind::write, flag, 2);
    EXPECT_TRUE(history.obeys(reads(initial, point(2, Point::Kind::read, flag, 1))));
    EXPECT_TRUE(history.obeys(reads(second, point(2, Point::Kind::read, flag, 2))));
    EXPECT_TRUE(history.obeys(reads(second, point(2, Point::Kind::read, flag, 0))));
    EXPECT_FALSE(history.obeys(reads(second, point(2, Point::Kind::read, flag, 1))));
    const Point first = point(1, Point::Kind::write, flag, 1);
    EXPECT_FALSE(history.obeys(reads(first, point(2, Point::Kind::read, flag, 0))));
    EXPECT_FALSE(history.obeys(reads(second, point(2, Point::Kind::read, flag, 3))));
}

TEST(HistoryTest, an_order_is_obeyed_also_if_the_second_operation_never_happens) {
    const History history = Events().store(1, flag).store(2, flag).history();
    const Point first = point(1, Point::Kind::write, flag, 1);
    const Point second = point(2, Point::Kind::write, flag, 1);
    EXPECT_TRUE(history.obeys(Fact{Fact::Kind::before, first, second}));
    EXPECT_FALSE(history.obeys(Fact{Fact::Kind::before, second, first}));
    const Point never = point(2, Point::Kind::write, flag, 2);
    EXPECT_TRUE(history.obeys(Fact{Fact::Kind::before, first, never}));
    EXPECT_FALSE(history.obeys(Fact{Fact::Kind::before, never, first}));
}

TEST(HistoryTest, an_execution_obeys_all_of_its_facts_and_another_does_not) {
    const History stale =
        Events().store(1, data).store(1, flag).load(2, flag, 2).load(2, data, 0).history();
    const History fresh =
        Events().store(1, data).store(1, flag).load(2, flag, 2).load(2, data, 1).history();
    ASSERT_FALSE(stale.facts().empty());
    EXPECT_TRUE(stale.obeys(stale.facts()));
    EXPECT_TRUE(fresh.obeys(fresh.facts()));
    EXPECT_FALSE(fresh.obeys(stale.facts()));
}

TEST(HistoryTest, an_object_of_one_thread_gives_no_facts) {
    EXPECT_TRUE(Events().store(1, flag).load(1, flag, 1).store(1, flag).history().facts().empty());
}

TEST(HistoryTest, the_order_of_locks_is_a_fact) {
    const History history = Events()
                                .add(Event::Kind::lock, 1, flag)
                                .add(Event::Kind::unlock, 1, flag)
                                .add(Event::Kind::lock, 2, flag)
                                .history();
    const Fact order{Fact::Kind::before, point(1, Point::Kind::give, flag, 1),
                     point(2, Point::Kind::take, flag, 1)};
    EXPECT_EQ(history.facts(), std::vector<Fact>{order});
}

TEST(HistoryTest, what_a_thread_was_about_to_do_comes_after_all_that_was_done) {
    const History history = Events().store(1, flag).load(2, flag, 1).history();
    const Point next = point(1, Point::Kind::write, flag, 2);
    EXPECT_EQ(history.count_of(next), 1u);
    const Fact order{Fact::Kind::before, point(2, Point::Kind::read, flag, 1), next};
    const std::vector<Fact> facts = history.facts({&next, 1});
    EXPECT_NE(std::find(facts.begin(), facts.end(), order), facts.end());
    EXPECT_TRUE(history.obeys(order));
}

TEST(PassageTest, a_relaxed_store_does_not_release) {
    const History history = Events().store(1, flag, relaxed).load(2, flag, 1, acquire).history();
    const Passage passage = passage_between(history, 1, 1, 2, 2);
    ASSERT_EQ(passage.steps.size(), 1u);
    EXPECT_FALSE(passage.steps[0].is_released);
    EXPECT_TRUE(passage.steps[0].is_acquired);
}

TEST(PassageTest, a_relaxed_load_does_not_acquire) {
    const History history = Events().store(1, flag, release).load(2, flag, 1, relaxed).history();
    const Passage passage = passage_between(history, 1, 1, 2, 2);
    ASSERT_EQ(passage.steps.size(), 1u);
    EXPECT_TRUE(passage.steps[0].is_released);
    EXPECT_FALSE(passage.steps[0].is_acquired);
}

TEST(PassageTest, fences_order_relaxed_operations) {
    const History history = Events()
                                .add(Event::Kind::load, 1, data)
                                .add(Event::Kind::fence, 1, 0, release)
                                .store(1, flag, relaxed)
                                .load(2, flag, 3, relaxed)
                                .add(Event::Kind::fence, 2, 0, acquire)
                                .history();
    const Passage passage = passage_between(history, 1, 1, 2, 5);
    ASSERT_EQ(passage.steps.size(), 1u);
    EXPECT_TRUE(passage.steps[0].is_released);
    EXPECT_TRUE(passage.steps[0].is_acquired);
}

// The direct way lacks two orders, the way through thread 3 only one.
TEST(PassageTest, the_way_with_the_fewest_missing_orders_is_taken) {
    const History history = Events()
                                .store(1, flag, relaxed)
                                .store(1, data, release)
                                .load(3, data, 2, acquire)
                                .store(3, data, relaxed)
                                .load(2, flag, 1, relaxed)
                                .load(2, data, 4, acquire)
                                .history();
    const Passage passage = passage_between(history, 1, 1, 2, 6);
    ASSERT_EQ(passage.steps.size(), 2u);
    EXPECT_EQ(passage.steps[0].store, 1u);
    EXPECT_EQ(passage.steps[1].store, 3u);
    EXPECT_FALSE(passage.steps[1].is_released);
}

TEST(PassageTest, what_is_read_before_the_store_does_not_pass) {
    const History history = Events().load(2, flag, 0).store(1, flag).history();
    EXPECT_TRUE(passage_between(history, 1, 1, 2, 2).steps.empty());
}

TEST(PassageTest, a_plain_access_comes_after_the_operation_of_its_step) {
    const History history =
        Events().store(1, flag).load(2, flag, 1).store(1, data, relaxed).load(2, data, 3).history();
    Facts facts{};
    facts.accesses[0].thread = 1;
    facts.accesses[0].step = 1;
    facts.accesses[1].thread = 2;
    facts.accesses[1].step = 4;
    const Passage passage = passage_of(history, facts);
    ASSERT_EQ(passage.steps.size(), 1u);
    EXPECT_EQ(passage.steps[0].store, 2u);
    facts.accesses[0].is_atomic = true;
    EXPECT_EQ(passage_of(history, facts).steps[0].store, 0u);
}

using Rows = std::vector<std::vector<bool>>;

TEST(HittingSetTest, no_row_needs_no_column) {
    EXPECT_TRUE(smallest_hitting_set({}, 3).empty());
    EXPECT_TRUE(smallest_hitting_set({{false, false, false}}, 3).empty());
}

TEST(HittingSetTest, one_column_is_better_than_two) {
    const Rows rows = {{true, false, true}, {false, true, true}};
    EXPECT_EQ(smallest_hitting_set(rows, 3), std::vector<size_t>{2});
}

TEST(HittingSetTest, of_equally_small_sets_the_lowest_columns_are_taken) {
    const Rows rows = {{true, true, false, false}, {false, false, true, true}};
    EXPECT_EQ(smallest_hitting_set(rows, 4), (std::vector<size_t>{0, 2}));
}

TEST(HittingSetTest, each_column_of_a_large_set_is_needed) {
    constexpr size_t columns = 12;
    Rows rows;
    for (size_t i = 0; i + 1 < columns; i += 2) {
        std::vector<bool> row(columns, false);
        row[i] = row[i + 1] = true;
        rows.push_back(row);
    }
    const std::vector<size_t> chosen = smallest_hitting_set(rows, columns);
    EXPECT_EQ(chosen.size(), columns / 2);
}

}  // namespace
}  // namespace weave
