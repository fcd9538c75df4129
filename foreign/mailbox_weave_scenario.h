// Producers and a consumer on a small mailbox, as the header of an input says. Plain C++: it runs
// on real threads and under weave.
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/schedule_format.h"
#include "src/runtime/mailbox.h"

namespace fuzz {

/// Counts of what threads met, summed over all executions.
struct MailboxMeetings {
    uint64_t full = 0;          ///< a push that found no room
    uint64_t bulk_in_part = 0;  ///< a bulk push that got some of its tickets
    uint64_t empty = 0;         ///< a pop that got nothing
    uint64_t batch = 0;         ///< a pop that got more than one
    uint64_t wrap = 0;          ///< a run through the wrap of the tickets

    std::vector<StateCount> states() const {
        return {{"push into a full ring", full},
                {"bulk push in part", bulk_in_part},
                {"pop that gets nothing", empty},
                {"pop of more than one", batch},
                {"wrap of the tickets", wrap}};
    }

    void add(const MailboxMeetings& other) {
        full += other.full;
        bulk_in_part += other.bulk_in_part;
        empty += other.empty;
        batch += other.batch;
        wrap += other.wrap;
    }
};

struct MailboxScenario {
    static constexpr uint32_t producers_max = 3;

    struct Producer {
        uint32_t messages;
        uint32_t bulk;  ///< how many it pushes at once
    };

    // Header: version, capacity, first ticket, batch, producers, then a byte a producer. What
    // follows is the schedule, a byte a choice.
    static constexpr ScheduleFormat format{.header_bytes = 8, .record_bytes = 1};

    uint32_t capacity;
    bool is_below_wrap;
    uint32_t batch;
    uint32_t producer_count;
    Producer producers[producers_max];
    /// Messages have cookies. Those of another tree's mailbox may have none, and come out with 0.
    bool has_cookies;
    /// A push is refused only if the ring can be full.
    bool refuses_only_when_full;
    Bytes schedule;

    static MailboxScenario decode(Bytes input) {
        const auto header = [&](size_t i) { return format.header_byte(input, i); };
        MailboxScenario scenario{};
        scenario.capacity = 2u << header(1) % 3;
        scenario.is_below_wrap = header(2) % 2 != 0;
        scenario.batch = 1u + header(3) % 4;
        scenario.producer_count = 1u + header(4) % producers_max;
        for (uint32_t i = 0; i < producers_max; ++i) {
            scenario.producers[i] = {1u + header(5 + i) % 4, 1u + header(5 + i) / 4 % 4};
        }
        scenario.has_cookies = true;
        scenario.refuses_only_when_full = true;
        const size_t choices = format.record_count(input);
        scenario.schedule = choices == 0 ? Bytes() : input.subspan(format.header_bytes, choices);
        return scenario;
    }

    std::string describe() const;
    static std::string describe(Bytes input) { return decode(input).describe(); }
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs() { return {}; }

    uint32_t messages() const {
        uint32_t messages = 0;
        for (uint32_t i = 0; i < producer_count; ++i) {
            messages += producers[i].messages;
        }
        return messages;
    }

    /// The fewest steps of a run: each message is published and looked at.
    uint64_t steps_min() const { return 2 * uint64_t{messages()}; }

    /// Runs the scenario in a ring of its capacity. Asserts that each producer's messages arrive
    /// once, whole and in order, that nothing is left, and that no push is refused where all
    /// messages fit.
    void run(MailboxMeetings& meetings) const;
};

/// One run, on the heap: weave does not see plain accesses to what is on a thread's own stack.
template <class Mailbox>
class MailboxRun {
  public:
    explicit MailboxRun(const MailboxScenario& scenario) : scenario_(scenario) {
        mailbox_.reset(scenario.is_below_wrap ? ~uint64_t{0} - 2 : 0);
    }

    MailboxMeetings run() {
        std::vector<std::thread> threads;
        const uint32_t messages = scenario_.messages();
        for (uint32_t i = 0; i < scenario_.producer_count; ++i) {
            threads.emplace_back([this, i] { push_all(i); });
        }
        for (uint32_t taken = 0; taken < messages;) {
            taken += pop();
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        pto::AICoreCompletionMsgView none;
        assert(!mailbox_.try_pop(none));
        assert(!mailbox_.has_pending());
        MailboxMeetings all = met_by_consumer_;
        for (const MailboxMeetings& met : met_by_producer_) {
            all.add(met);
        }
        all.wrap += scenario_.is_below_wrap && messages > 2;
        return all;
    }

  private:
    /// Every field says which message this is.
    static pto::DeferredCompletionEntry condition(uint32_t producer, uint32_t number) {
        return {1000 * uint64_t{producer} + number,
                ~uint64_t{number},
                number,
                producer,
                static_cast<int32_t>(number + 1),
                0};
    }
    static pto::PTO2TaskId token(uint32_t producer) { return pto::PTO2TaskId{producer + 7}; }

    void push_all(uint32_t producer) {
        const auto [messages, bulk] = scenario_.producers[producer];
        for (uint32_t pushed = 0; pushed < messages;) {
            const uint32_t wanted = std::min(bulk, messages - pushed);
            const uint32_t got =
                wanted == 1 ? push_one(producer, pushed) : push_some(producer, pushed, wanted);
            assert(got <= wanted);
            [[maybe_unused]] const bool ring_can_be_full =
                scenario_.messages() > scenario_.capacity || !scenario_.refuses_only_when_full;
            assert(got == wanted || ring_can_be_full);
            MailboxMeetings& met = met_by_producer_[producer];
            met.bulk_in_part += got != 0 && got < wanted;
            pushed += got;
            if (got == 0) {
                ++met.full;
                std::this_thread::yield();
            }
        }
    }

    uint32_t push_one(uint32_t producer, uint32_t number) {
        const pto::DeferredCompletionEntry c = condition(producer, number);
        return mailbox_.try_push_condition(token(producer), c.addr, c.backend_cookie,
                                           c.expected_value, c.engine, c.completion_type)
                   ? 1
                   : 0;
    }

    uint32_t push_some(uint32_t producer, uint32_t first, uint32_t count) {
        pto::DeferredCompletionEntry entries[4];
        for (uint32_t i = 0; i < count; ++i) {
            entries[i] = condition(producer, first + i);
        }
        return mailbox_.try_push_conditions(token(producer), entries, count);
    }

    uint32_t pop() {
        pto::AICoreCompletionMsgView messages[4];
        const uint32_t got = mailbox_.try_pop_batch(messages, scenario_.batch);
        assert(got <= scenario_.batch);
        for (uint32_t i = 0; i < got; ++i) {
            check(messages[i]);
        }
        met_by_consumer_.batch += got > 1;
        if (got == 0) {
            ++met_by_consumer_.empty;
            std::this_thread::yield();
        }
        return got;
    }

    void check(const pto::AICoreCompletionMsgView& message) {
        const uint32_t producer = message.engine;
        assert(producer < scenario_.producer_count);
        const pto::DeferredCompletionEntry c = condition(producer, next_[producer]++);
        assert(c.expected_value < scenario_.producers[producer].messages);
        assert(message.task_token == token(producer));
        assert(message.addr == c.addr);
        assert(!scenario_.has_cookies || message.backend_cookie == c.backend_cookie);
        assert(message.expected_value == c.expected_value);
        assert(message.completion_type == c.completion_type);
        assert(message.kind == pto::MSG_KIND_CONDITION);
    }

    const MailboxScenario& scenario_;
    Mailbox mailbox_;
    uint32_t next_[MailboxScenario::producers_max] = {};
    MailboxMeetings met_by_consumer_;
    MailboxMeetings met_by_producer_[MailboxScenario::producers_max];
};

inline void MailboxScenario::run(MailboxMeetings& meetings) const {
    const auto run_with = [&]<uint32_t Capacity>() {
        using Mailbox = pto::AICoreCompletionMailbox<Capacity>;
        meetings.add(std::make_unique<MailboxRun<Mailbox>>(*this)->run());
    };
    switch (capacity) {
        case 2:
            return run_with.template operator()<2>();
        case 4:
            return run_with.template operator()<4>();
        default:
            return run_with.template operator()<8>();
    }
}

}  // namespace fuzz
