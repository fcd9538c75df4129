// The mailbox alone: producers push, one thread pops, and the main thread pops what is left.
#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <thread>
#include <vector>

#include <mailbox.h>

#include "scenario.h"

namespace {

using pto::AICoreCompletionMsgView;

constexpr uint32_t capacity = 2;
using Mailbox = pto::AICoreCompletionMailbox<capacity>;

pto::PTO2TaskId token(uint32_t producer) { return pto::PTO2TaskId{producer + 7}; }

/// Every field identifies the message.
pto::DeferredCompletionEntry message(uint32_t producer, uint32_t number) {
    return {.addr = 1000 * producer + number,
            .backend_cookie = ~uint64_t{number},
            .expected_value = number,
            .engine = producer,
            .completion_type = static_cast<int32_t>(number + 1),
            .pad = 0};
}

/// A ring, and what has come out of it. The main thread constructs it, and looks at it at the end.
class Run {
  public:
    static constexpr uint32_t producers_max = 3;
    static constexpr uint32_t each_max = 3;

    explicit Run(uint64_t first_ticket = 0) { mailbox_.reset(first_ticket); }

    Mailbox& mailbox() { return mailbox_; }

    /// Pushes one message, unless the ring is full.
    void push(uint32_t producer, uint32_t number) {
        const pto::DeferredCompletionEntry m = message(producer, number);
        pushed_[producer][number] =
            mailbox_.try_push_condition(token(producer), m.addr, m.backend_cookie, m.expected_value,
                                        m.engine, m.completion_type);
    }

    /// Pushes messages in one go, as many as have room.
    void push_in_bulk(uint32_t producer, uint32_t count) {
        std::array<pto::DeferredCompletionEntry, each_max> messages;
        for (uint32_t i = 0; i < count; ++i) {
            messages[i] = message(producer, i);
        }
        const uint32_t got = mailbox_.try_push_conditions(token(producer), messages.data(), count);
        for (uint32_t i = 0; i < got; ++i) {
            pushed_[producer][i] = true;
        }
    }

    /// Pops one message if there is one. One thread at a time.
    bool pop() {
        AICoreCompletionMsgView view;
        if (!mailbox_.try_pop(view)) {
            return false;
        }
        check(view);
        return true;
    }

    /// Pops the rest, and checks that all that was pushed has come and nothing else. Returns how
    /// many were pushed.
    uint32_t end() {
        while (pop()) {
        }
        assert(!mailbox_.has_pending());
        uint32_t count = 0;
        for (uint32_t producer = 0; producer < producers_max; ++producer) {
            for (uint32_t number = 0; number < each_max; ++number) {
                assert(pushed_[producer][number] == popped_[producer][number]);
                count += pushed_[producer][number] ? 1 : 0;
            }
        }
        return count;
    }

  private:
    void check(const AICoreCompletionMsgView& view) {
        const uint32_t producer = view.engine;
        const uint32_t number = view.expected_value;
        assert(producer < producers_max && number < each_max);
        const pto::DeferredCompletionEntry m = message(producer, number);
        assert(view.kind == pto::MSG_KIND_CONDITION && view.task_token == token(producer));
        assert(view.addr == m.addr && view.backend_cookie == m.backend_cookie);
        assert(view.completion_type == m.completion_type);
        assert(!popped_[producer][number]);
        assert(number >= next_[producer]);
        next_[producer] = number + 1;
        popped_[producer][number] = true;
    }

    Mailbox mailbox_{};
    // Each producer writes its own row; the consumer writes the rest.
    bool pushed_[producers_max][each_max] = {};
    bool popped_[producers_max][each_max] = {};
    uint32_t next_[producers_max] = {};
};

/// Each producer pushes its messages and gives up on one that finds the ring full, while a consumer
/// tries as many pops as there are messages.
template <uint32_t Producers, uint32_t Each, uint64_t FirstTicket = 0>
void ring() {
    Run run(FirstTicket);
    std::vector<std::thread> threads;
    for (uint32_t producer = 0; producer < Producers; ++producer) {
        threads.emplace_back([&run, producer] {
            for (uint32_t number = 0; number < Each; ++number) {
                run.push(producer, number);
            }
        });
    }
    threads.emplace_back([&run] {
        for (uint32_t i = 0; i < Producers * Each; ++i) {
            run.pop();
        }
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
    // A push is refused only while the ring holds `capacity` messages.
    const uint32_t all = Producers * Each;
    assert(run.end() >= std::min(all, capacity));
}

/// One producer claims two slots at once, another one slot.
void bulk() {
    Run run;
    std::thread many([&run] { run.push_in_bulk(0, 2); });
    std::thread one([&run] { run.push(1, 0); });
    std::thread consumer([&run] {
        run.pop();
        run.pop();
    });
    many.join();
    one.join();
    consumer.join();
    assert(run.end() >= capacity);
}

/// The ring is full before two producers and a consumer meet.
void full_ring() {
    Run run;
    run.push(0, 0);
    run.push(0, 1);
    std::thread first([&run] { run.push(1, 0); });
    std::thread second([&run] { run.push(2, 0); });
    std::thread consumer([&run] { run.pop(); });
    first.join();
    second.join();
    consumer.join();
    // One pop makes room for one push at most.
    assert(run.end() <= capacity + 1);
}

/// What the first run leaves is dropped; two producers and a consumer use the ring again.
void restart() {
    {
        Run run;
        run.push(0, 0);
        run.mailbox().restart();
        std::thread first([&run] { run.push(1, 0); });
        std::thread second([&run] { run.push(2, 0); });
        std::thread consumer([&run] {
            AICoreCompletionMsgView view;
            if (run.mailbox().try_pop(view)) {
                assert(view.engine != 0);
                assert(view.task_token == token(view.engine));
            }
        });
        first.join();
        second.join();
        consumer.join();
        AICoreCompletionMsgView view;
        while (run.mailbox().try_pop(view)) {
            assert(view.engine != 0);
        }
        assert(!run.mailbox().has_pending());
    }
}

/// Two consumers take turns under a lock, as the wait list's holders do.
void hand_over() {
    Run run;
    std::atomic<int> busy{0};
    const auto consume = [&run, &busy] {
        int expected = 0;
        // Acquire: pairs with the release store below.
        if (busy.compare_exchange_strong(expected, 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
            run.pop();
            // Release: pairs with the acquire exchange above.
            busy.store(0, std::memory_order_release);
        }
    };
    std::thread producer([&run] {
        run.push(0, 0);
        run.push(0, 1);
    });
    std::thread first(consume);
    std::thread second(consume);
    producer.join();
    first.join();
    second.join();
    assert(run.end() == 2);
}

constexpr const char* nothing_lost =
    "no message is lost, repeated, torn or invented; each producer's come in its order";

constexpr verify::Scenario all[] = {
    {"mailbox/2x1", nothing_lost, "2 producers x 1 message, 2 slots, 2 pops", 16, false,
     ring<2, 1>},
    {"mailbox/2x2", nothing_lost, "2 producers x 2 messages, 2 slots, 4 pops", 8'088, false,
     ring<2, 2>},
    {"mailbox/2x3", nothing_lost, "2 producers x 3 messages, 2 slots, 6 pops", 0, true, ring<2, 3>},
    {"mailbox/3x1", nothing_lost, "3 producers x 1 message, 2 slots, 3 pops", 864, false,
     ring<3, 1>},
    {"mailbox/wrap", nothing_lost, "2 producers x 1 message, from ticket 2^64 - 1 on", 16, false,
     ring<2, 1, ~uint64_t{0}>},
    {"mailbox/bulk", nothing_lost, "a bulk push of 2 and a push, 2 slots, 2 pops", 26, false, bulk},
    {"mailbox/full_ring", "a push is refused only while the ring is full",
     "2 pushes and a pop on a full ring of 2 slots", 19, false, full_ring},
    {"mailbox/restart", "nothing of an earlier run comes out after a restart",
     "a message left behind, then 2 producers x 1 message and a pop", 12, false, restart},
    {"mailbox/hand_over", nothing_lost, "1 producer x 2 messages, 2 consumers that share a lock",
     12, false, hand_over},
};

}  // namespace

std::span<const verify::Scenario> verify::scenarios() { return all; }
