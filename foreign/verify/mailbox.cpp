// Bounded scenarios of another tree's mailbox alone, for `./mailproof verify --subject`: producers
// push, one thread pops, and the main thread pops what is left.
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "foreign/known.h"
#include "foreign/under_test.h"
#include "tests/verify/scenario.h"

namespace {

using foreign::Message;

constexpr uint32_t producers_max = 3;
constexpr uint32_t each_max = 3;

/// Every field identifies the message.
Message message(uint32_t producer, uint32_t number) {
    const bool has_cookies = foreign::tree().has(foreign::Feature::cookies);
    return {.token = producer + 7,
            .addr = 1000 * producer + number,
            .backend_cookie = has_cookies ? ~uint64_t{number} : 0,
            .expected_value = number,
            .engine = producer,
            .completion_type = static_cast<int32_t>(number + 1),
            .kind = 0};
}

/// A ring, and what has come out of it; on the heap, where weave sees plain accesses.
class Run {
  public:
    Run() { mailbox_->renew(0); }

    void push(uint32_t producer, uint32_t number) {
        pushed_[producer][number] = mailbox_->push_condition(message(producer, number));
        // All messages of a scenario fit.
        assert(pushed_[producer][number] || foreign::tolerates("false-full"));
    }

    /// Pops one message if there is one. One thread at a time.
    void pop() {
        Message got{};
        if (mailbox_->pop(got)) {
            check(got);
        }
    }

    /// Pops the rest, and checks that all that was pushed has come and nothing else.
    void end() {
        for (uint32_t i = 0; i < producers_max * each_max; ++i) {
            pop();
        }
        assert(!mailbox_->has_pending());
        for (uint32_t producer = 0; producer < producers_max; ++producer) {
            for (uint32_t number = 0; number < each_max; ++number) {
                assert(pushed_[producer][number] == popped_[producer][number]);
            }
        }
    }

  private:
    void check(const Message& got) {
        const uint32_t producer = got.engine;
        const uint32_t number = got.expected_value;
        assert(producer < producers_max && number < each_max);
        [[maybe_unused]] const Message m = message(producer, number);
        assert(got.kind == 0 && got.token == m.token && got.addr == m.addr);
        assert(got.backend_cookie == m.backend_cookie);
        assert(got.completion_type == m.completion_type);
        assert(!popped_[producer][number]);
        assert(number >= next_[producer]);
        next_[producer] = number + 1;
        popped_[producer][number] = true;
    }

    std::unique_ptr<foreign::Mailbox> mailbox_ = foreign::make_mailbox();
    // Each producer writes its own row; the consumer writes the rest.
    bool pushed_[producers_max][each_max] = {};
    bool popped_[producers_max][each_max] = {};
    uint32_t next_[producers_max] = {};
};

/// Each producer pushes its messages, while a consumer tries as many pops as there are messages.
template <uint32_t Producers, uint32_t Each>
void ring() {
    const auto run = std::make_unique<Run>();
    std::vector<std::thread> threads;
    for (uint32_t producer = 0; producer < Producers; ++producer) {
        threads.emplace_back([&run, producer] {
            for (uint32_t number = 0; number < Each; ++number) {
                run->push(producer, number);
            }
        });
    }
    threads.emplace_back([&run] {
        for (uint32_t i = 0; i < Producers * Each; ++i) {
            run->pop();
        }
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
    run->end();
}

/// Two consumers take turns under a lock, as the wait list's holders do.
void hand_over() {
    const auto run = std::make_unique<Run>();
    std::atomic<int> busy{0};
    const auto consume = [&run, &busy] {
        int expected = 0;
        // Acquire: pairs with the release store below.
        if (busy.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
            run->pop();
            // Release: pairs with the acquire exchange above.
            busy.store(0, std::memory_order_release);
        }
    };
    std::thread producer([&run] {
        run->push(0, 0);
        run->push(0, 1);
    });
    std::thread first(consume);
    std::thread second(consume);
    producer.join();
    first.join();
    second.join();
    run->end();
}

constexpr const char* nothing_lost =
    "no message is lost, repeated, torn, invented or refused; each producer's come in its order";

// No number of executions is pinned: it depends on the tree.
constexpr verify::Scenario all[] = {
    {"mailbox/2x1", nothing_lost, "2 producers x 1 message, 2 pops", 0, false, ring<2, 1>},
    {"mailbox/1x3", nothing_lost, "1 producer x 3 messages, 3 pops", 0, false, ring<1, 3>},
    {"mailbox/2x2", nothing_lost, "2 producers x 2 messages, 4 pops", 0, true, ring<2, 2>},
    {"mailbox/hand_over", nothing_lost, "1 producer x 2 messages, 2 consumers that share a lock", 0,
     false, hand_over},
};

}  // namespace

std::span<const verify::Scenario> verify::scenarios() { return all; }
