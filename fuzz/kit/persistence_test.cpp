// Tests that rings, runners, models and threads, which live as long as the program, forget: the
// next schedule sees nothing of the last.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "fuzz/kit/payload.h"
#include "fuzz/kit/persistent_ring.h"
#include "fuzz/kit/thread_pool.h"
#include "fuzz/mailbox/mailbox_step_history.h"
#include "fuzz/mailbox/mailbox_step_runner.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_step_history.h"
#include "fuzz/ready_queue/ready_queue_step_runner.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/scheduler/scheduler_step_runner.h"
#include "fuzz/scheduler/scheduler_step_schedule.h"
#include "fuzz/wait_list/wait_list_step_history.h"
#include "fuzz/wait_list/wait_list_step_model.h"
#include "fuzz/wait_list/wait_list_step_runner.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"

namespace fuzz::test {
namespace {

using View = pto::AICoreCompletionMsgView;

/// Tickets worth starting at; each of them often follows itself, the cheap way to renew a ring.
uint64_t random_start(std::minstd_rand& random) {
    static constexpr std::array<uint64_t, 5> starts = {0, 0, 5, ~uint64_t{0} - 2,
                                                       (uint64_t{1} << 32) - 1};
    return starts[random() % starts.size()];
}

template <uint32_t Capacity>
void use_at_random(PersistentRing<Capacity>& ring, pto::AICoreCompletionMailbox<Capacity>& mailbox,
                   std::minstd_rand& random) {
    std::vector<View> batch(Capacity + 1);
    uint64_t ticket = 0;
    for (size_t calls = random() % 40; calls > 0; --calls) {
        switch (random() % 9) {
            case 0:
                mailbox.try_push_conditions(1, payload_of(static_cast<uint32_t>(random() % 99)),
                                            static_cast<uint32_t>(random() % (Capacity + 2)));
                break;
            case 1:
                mailbox.try_push_normal_done(2, 3);
                break;
            case 2:
                mailbox.try_pop_batch(batch.data(), static_cast<uint32_t>(random() % Capacity + 1));
                break;
            case 3:
                if (mailbox.try_claim(1, ticket) == 1 && random() % 2 == 0) {
                    mailbox.publish(ticket, batch[0]);
                }
                break;
            case 4:
                if (random() % 4 == 0) {
                    mailbox.restart();
                }
                break;
            case 5:
                if (random() % 8 == 0) {
                    ring.reset(random_start(random));
                }
                break;
            case 6:
                mailbox.try_push_registration(9, 10,
                                              payload_of(static_cast<uint32_t>(random() % 99)),
                                              static_cast<uint32_t>(1 + random() % 8));
                break;
            default:
                mailbox.try_push_condition(4, 5, 6, 7, 8);
                break;
        }
    }
}

template <uint32_t Capacity>
::testing::AssertionResult is_fresh(const pto::AICoreCompletionMailbox<Capacity>& ring,
                                    uint64_t first_ticket) {
    const auto fresh = std::make_unique<pto::AICoreCompletionMailbox<Capacity>>();
    fresh->reset(first_ticket);
    if (ring.head != fresh->head || ring.tail != fresh->tail ||
        ring.cached_tail != fresh->cached_tail) {
        return ::testing::AssertionFailure() << "head " << ring.head << ", tail " << ring.tail
                                             << ", cached tail " << ring.cached_tail;
    }
    for (uint32_t i = 0; i < Capacity; ++i) {
        if (ring.entries[i].seq != fresh->entries[i].seq) {
            return ::testing::AssertionFailure()
                   << "slot " << i << " has seq " << ring.entries[i].seq << ", not "
                   << fresh->entries[i].seq;
        }
    }
    return ::testing::AssertionSuccess();
}

/// All slots hold what those of an unused ring do, so none tells what was in it.
template <uint32_t Capacity>
bool has_no_old_payload(const pto::AICoreCompletionMailbox<Capacity>& ring) {
    constexpr size_t size = sizeof(pto::AICoreCompletionMailboxMessage);
    constexpr size_t seq_begin = offsetof(pto::AICoreCompletionMailboxMessage, seq);
    constexpr size_t seq_end = seq_begin + sizeof ring.entries[0].seq;
    const auto slot = [](const pto::AICoreCompletionMailbox<Capacity>& of, size_t i) {
        return reinterpret_cast<const unsigned char*>(&of.entries[i]);
    };
    PersistentRing<Capacity> unused;
    const unsigned char* const expected = slot(unused.renew(0), 0);
    for (size_t i = 0; i < Capacity; ++i) {
        if (!std::equal(expected, expected + seq_begin, slot(ring, i)) ||
            !std::equal(expected + seq_end, expected + size, slot(ring, i) + seq_end)) {
            return false;
        }
    }
    return true;
}

template <uint32_t Capacity>
void expect_fresh_after_every_use(int uses) {
    SCOPED_TRACE("capacity " + std::to_string(Capacity));
    PersistentRing<Capacity> ring;
    std::minstd_rand random(Capacity + 1);
    for (int use = 0; use < uses; ++use) {
        const uint64_t first_ticket = random_start(random);
        auto& mailbox = ring.renew(first_ticket);
        ASSERT_TRUE(is_fresh(mailbox, first_ticket)) << "before use " << use;
        ASSERT_TRUE(has_no_old_payload(mailbox)) << "before use " << use;
        use_at_random(ring, mailbox, random);
    }
}

TEST(PersistentRingTest, is_fresh_after_any_use) {
    expect_fresh_after_every_use<1>(2000);
    expect_fresh_after_every_use<2>(2000);
    expect_fresh_after_every_use<4>(2000);
    expect_fresh_after_every_use<16>(1000);
    expect_fresh_after_every_use<64>(500);
    expect_fresh_after_every_use<4096>(50);
}

TEST(PersistentRingTest, is_fresh_after_many_laps) {
    PersistentRing<4> ring;
    auto& mailbox = ring.renew(~uint64_t{0} - 5);
    View view;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(mailbox.try_push_normal_done(1, 2));
        ASSERT_TRUE(mailbox.try_pop(view));
    }
    EXPECT_TRUE(is_fresh(ring.renew(~uint64_t{0} - 5), ~uint64_t{0} - 5));
    EXPECT_TRUE(has_no_old_payload(mailbox));
}

TEST(PersistentRingTest, is_fresh_after_a_reset_to_the_ticket_it_started_from) {
    PersistentRing<4> ring;
    auto& mailbox = ring.renew(0);
    while (mailbox.try_push_normal_done(1, 2)) {
    }
    ring.reset(0);
    EXPECT_TRUE(is_fresh(ring.renew(0), 0));
    EXPECT_TRUE(has_no_old_payload(mailbox));
}

auto members(const MailboxEvent& e) {
    return std::tie(e.operation, e.call, e.first_message, e.count, e.result, e.ticket, e.views);
}
auto members(const ReadyQueueEvent& e) {
    return std::tie(e.operation, e.call, e.waits, e.first_task, e.count, e.result, e.ticket);
}
auto members(const View& v) {
    return std::tie(v.task_token.raw, v.addr, v.expected_value, v.engine, v.completion_type, v.kind,
                    v.backend_cookie);
}

template <class T>
bool are_same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& left, const T& right) {
        return members(left) == members(right);
    });
}

bool are_same(const MailboxStepHistory& a, const MailboxStepHistory& b) {
    return are_same(a.events, b.events) && are_same(a.popped, b.popped);
}

bool are_same(const SchedulerStepHistory& a, const SchedulerStepHistory& b) { return a == b; }

bool are_same(const ReadyQueueStepHistory& a, const ReadyQueueStepHistory& b) {
    return are_same(a.events, b.events) && a.popped == b.popped;
}

bool are_same(const WaitListStepHistory& a, const WaitListStepHistory& b) {
    return a.events == b.events && a.scheduler_calls == b.scheduler_calls &&
           a.waiting_at_end == b.waiting_at_end && a.memory_at_end == b.memory_at_end &&
           a.task_state_at_end == b.task_state_at_end;
}

struct MailboxSteps {
    using Schedule = MailboxStepSchedule;
    using History = MailboxStepHistory;
    MailboxStepRunner runner;
    void run(const Schedule& schedule, History& history) { runner.run(schedule, history); }
};

struct ReadyQueueSteps {
    using Schedule = ReadyQueueStepSchedule;
    using History = ReadyQueueStepHistory;
    ReadyQueueStepRunner runner;
    void run(const Schedule& schedule, History& history) { runner.run(schedule, history); }
};

struct WaitListSteps {
    using Schedule = WaitListStepSchedule;
    using History = WaitListStepHistory;
    WaitListStepRunner runner;
    void run(const Schedule& schedule, History& history) { runner.run(schedule, history); }
};

struct SchedulerSteps {
    using Schedule = SchedulerStepSchedule;
    using History = SchedulerStepHistory;
    SchedulerStepRunner runner;
    void run(const Schedule& schedule, History& history) { runner.run(schedule, history); }
};

/// The model has one state for the whole program, so "alone" is only the first of its runs here.
struct WaitListModelSteps {
    using Schedule = WaitListStepSchedule;
    using History = WaitListStepHistory;
    static void run(const Schedule& schedule, History& history) { predict(schedule, history); }
};

/// Runs every seed alone, then every seed after every `stride`-th other one.
template <class Steps>
void expect_same_alone_and_after_another(size_t stride) {
    struct Case {
        std::string name;
        typename Steps::Schedule schedule;
        typename Steps::History alone;
    };
    std::vector<Case> cases;
    for (const Seed& seed : Steps::Schedule::seeds()) {
        cases.push_back({seed.name, {}, {}});
        cases.back().schedule.decode(seed.bytes);
        std::make_unique<Steps>()->run(cases.back().schedule, cases.back().alone);
    }
    const auto steps = std::make_unique<Steps>();
    typename Steps::History history;
    for (size_t i = 0; i < cases.size(); ++i) {
        for (size_t j = i % stride; j < cases.size(); j += stride) {
            steps->run(cases[j].schedule, history);
            steps->run(cases[i].schedule, history);
            ASSERT_TRUE(are_same(history, cases[i].alone))
                << cases[i].name << " after " << cases[j].name;
        }
    }
}

TEST(PersistentEngineTest, runs_a_mailbox_schedule_the_same_alone_and_after_another) {
    expect_same_alone_and_after_another<MailboxSteps>(1);
}

TEST(PersistentEngineTest, runs_a_ready_queue_schedule_the_same_alone_and_after_another) {
    expect_same_alone_and_after_another<ReadyQueueSteps>(3);
}

TEST(PersistentEngineTest, runs_a_wait_list_schedule_the_same_alone_and_after_another) {
    expect_same_alone_and_after_another<WaitListSteps>(3);
}

TEST(PersistentEngineTest, runs_a_scheduler_schedule_the_same_alone_and_after_another) {
    expect_same_alone_and_after_another<SchedulerSteps>(5);
}

TEST(PersistentEngineTest, predicts_a_wait_list_schedule_the_same_after_any_other) {
    expect_same_alone_and_after_another<WaitListModelSteps>(3);
}

TEST(ThreadPoolTest, runs_each_index_exactly_once_per_run) {
    constexpr uint32_t threads_max = 6;
    ThreadPool pool;
    std::minstd_rand random(11);
    for (int run = 0; run < 2000; ++run) {
        const auto threads = static_cast<uint32_t>(1 + random() % threads_max);
        std::array<std::atomic<int>, threads_max> runs{};
        pool.run(threads,
                 [&runs](uint32_t index) { runs[index].fetch_add(1, std::memory_order_relaxed); });
        for (uint32_t i = 0; i < threads_max; ++i) {
            ASSERT_EQ(runs[i].load(std::memory_order_relaxed), i < threads ? 1 : 0)
                << "index " << i << " of " << threads << ", run " << run;
        }
    }
}

// Plain accesses on purpose: ThreadSanitizer sees whether run() hands them over both ways.
TEST(ThreadPoolTest, hands_memory_to_the_jobs_and_back) {
    ThreadPool pool;
    std::array<int, 4> values{};
    for (int run = 0; run < 500; ++run) {
        pool.run(4, [&values](uint32_t index) { values[index] = 2 * values[index] + 1; });
        for (int& value : values) {
            ASSERT_EQ(value, 2 * run + 1);
            value = run + 1;
        }
    }
}

TEST(ThreadPoolTest, runs_index_0_on_the_caller_and_each_other_on_a_thread_of_its_own) {
    ThreadPool pool;
    std::array<std::thread::id, 4> ids;
    pool.run(4, [&ids](uint32_t index) { ids[index] = std::this_thread::get_id(); });
    EXPECT_EQ(ids[0], std::this_thread::get_id());
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST(ThreadPoolTest, ends_whether_it_ran_anything_or_not) {
    for (int i = 0; i < 50; ++i) {
        const ThreadPool unused;
        ThreadPool used;
        used.run(static_cast<uint32_t>(1 + i % 4), [](uint32_t) {});
    }
}

}  // namespace
}  // namespace fuzz::test
