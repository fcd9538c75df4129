#include <gtest/gtest.h>

#include <map>
#include <vector>

#include <run/choosers/make.h>

#include "turns.h"

namespace weave {
namespace {

constexpr uintptr_t x = 0x1000;
constexpr uintptr_t y = 0x2000;
constexpr int executions = 10'000;

std::unique_ptr<Chooser> surw_chooser() {
    Options options;
    options.mode = Mode::surw;
    return make_chooser(options);
}

std::vector<Operation> stores(size_t count, uintptr_t object) {
    return std::vector<Operation>(count, {object, 0, OperationKind::store});
}

using Order = std::vector<unsigned>;

/// How often each order of the operations on `object` comes, once the chooser knows the program.
std::map<Order, int> orders_of(Chooser& chooser, const std::vector<Scripted>& script,
                               uintptr_t object) {
    constexpr int to_learn = 200;
    std::map<Order, int> orders;
    for (int i = 0; i < to_learn + executions; ++i) {
        std::vector<size_t> next(script.size());
        Order order;
        for (const unsigned thread : run_script(chooser, script)) {
            if (script[thread].operations[next[thread]++].object == object) {
                order.push_back(thread);
            }
        }
        if (i >= to_learn) {
            ++orders[order];
        }
    }
    return orders;
}

void expect_uniform(const std::map<Order, int>& orders, int count) {
    EXPECT_EQ(orders.size(), static_cast<size_t>(count));
    for (const auto& [order, times] : orders) {
        // Five standard deviations of a tenth.
        EXPECT_NEAR(times, executions / count, 150) << testing::PrintToString(order);
    }
}

TEST(SurwTest, all_interleavings_are_equally_likely) {
    expect_uniform(orders_of(*surw_chooser(), {{}, {stores(3, x)}, {stores(2, x)}}, x), 10);
}

// A chooser that draws threads would see thread 1 first in half of the executions.
TEST(SurwTest, a_short_thread_is_as_likely_at_each_place) {
    expect_uniform(orders_of(*surw_chooser(), {{}, {stores(1, x)}, {stores(9, x)}}, x), 10);
}

TEST(SurwTest, operations_that_no_other_thread_sees_do_not_count) {
    std::vector<Operation> with_own = stores(3, x);
    for (int i = 0; i < 20; ++i) {
        with_own.insert(with_own.begin() + i % 3, {y, 0, OperationKind::store});
    }
    expect_uniform(orders_of(*surw_chooser(), {{}, {with_own}, {stores(2, x)}}, x), 10);
}

// Thread 0 stores once and creates thread 1, which stores twice: like a thread with three stores.
TEST(SurwTest, a_thread_counts_for_those_that_it_will_create) {
    const std::vector<Scripted> script = {{stores(1, x)}, {stores(2, x), 0, 1}, {stores(2, x)}};
    expect_uniform(orders_of(*surw_chooser(), script, x), 10);
}

TEST(SurwTest, operations_on_one_of_two_objects_are_uniform_too) {
    const auto chooser = surw_chooser();
    std::vector<Operation> both;
    for (int i = 0; i < 2; ++i) {
        both.push_back({x, 0, OperationKind::store});
        both.push_back({y, 0, OperationKind::rmw});
    }
    const std::map<Order, int> orders = orders_of(*chooser, {{}, {both}, {both}}, y);
    EXPECT_EQ(orders.size(), 6u);
    for (const auto& [order, times] : orders) {
        EXPECT_GT(times, executions / 12) << testing::PrintToString(order);
    }
}

TEST(SurwTest, threads_are_known_by_where_they_were_created) {
    // The ids of threads 1 and 2 change places in half of the executions.
    const std::vector<Scripted> one = {{}, {stores(1, x)}, {stores(9, x)}};
    const auto chooser = surw_chooser();
    std::map<size_t, int> places;
    for (int i = 0; i < executions; ++i) {
        Turn turn = turn_of(0b110, 0);
        ASSERT_TRUE(chooser->begin());
        const unsigned short_one = i % 2 == 0 ? 1 : 2;
        chooser->created(0, short_one);
        chooser->created(0, 3 - short_one);
        std::vector<Operation> pending(threads_max, Operation{x, 0, OperationKind::store});
        turn.pending = pending.data();
        size_t place = 0;
        while (place < 9) {
            turn.current = turn.thread(chooser->choose_thread(turn));
            if (turn.current == short_one) {
                break;
            }
            ++place;
        }
        ++places[place];
    }
    for (size_t place = 0; place < 10; ++place) {
        EXPECT_NEAR(places[place], executions / 10, 160) << place;
    }
}

}  // namespace
}  // namespace weave
