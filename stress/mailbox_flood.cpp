// Job: up to 16 producers push, one by one and in bulk, into a ring that is full most of the time.
//
// Checked: every message arrives once, as it was pushed, in its producer's order; no more than
// Capacity are ever outstanding; afterwards exactly Capacity fit.
#include <algorithm>
#include <array>
#include <atomic>
#include <cinttypes>
#include <memory>
#include <vector>

#include "src/runtime/mailbox.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"
#include "stress/support/traffic.h"

namespace {

using stress::Clock;
using stress::Origin;
using stress::Run;
using stress::Verdict;
using stress::Worker;

constexpr uint32_t producers_max = 16;
// A large ring needs several times its size to be full for most of a round.
constexpr uint32_t messages_min = 4000;
constexpr uint32_t messages_per_slot = 4;
// How often the consumer checks whether the ring is full before it takes a message anyway.
constexpr uint32_t looks_max = 32;

enum State : uint32_t { full_ring, bulk_cut_short, cursors_wrapped };

template <uint32_t Capacity>
class Flood {
  public:
    using Mailbox = pto::AICoreCompletionMailbox<Capacity>;

    Flood(Run& run, Mailbox& mailbox, uint32_t producers)
        : run_(run),
          mailbox_(mailbox),
          messages_(std::max(messages_min, messages_per_slot * Capacity) / producers),
          first_ticket_(mailbox.head.load(std::memory_order_relaxed)),
          pushed_(producers),
          producers_left_(producers),
          arrivals_(run, producers) {}

    void run() {
        stress::Crew crew(run_);
        crew.add("producer", static_cast<uint32_t>(pushed_.size()),
                 [this](Worker& worker, uint32_t index) { produce(worker, index); });
        crew.add("consumer", 1, [this](Worker& worker, uint32_t) { consume(worker); });
        crew.work_together();
        arrivals_.finish(pushed_);
        stress::check_room(run_, mailbox_);
    }

  private:
    void produce(Worker& worker, uint32_t producer) {
        Origin next{run_.round(), producer, 0};
        while (next.number < messages_ && !run_.time_is_up()) {
            worker.pause();
            if (worker.random().one_in(2)) {
                push_one(worker, next);
            } else {
                push_bulk(worker, next);
            }
        }
        pushed_[producer] = next.number;
        // Release: pairs with the acquire load in consume(); a reader that sees it sees the last
        // message.
        producers_left_.fetch_sub(1, std::memory_order_release);
    }

    void push_one(Worker& worker, Origin& next) {
        worker.at("try_push");
        const auto begin = Clock::now();
        for (uint32_t attempts = 0; !stress::try_push(mailbox_, next); ++attempts) {
            worker.met_full_ring();
            worker.reached(full_ring);
            worker.back_off(attempts);
        }
        ++next.number;
        worker.done_since(begin);
    }

    void push_bulk(Worker& worker, Origin& next) {
        worker.at("try_push_conditions");
        const uint32_t count = worker.random().between(1, stress::bulk_max);
        std::array<pto::DeferredCompletionEntry, stress::bulk_max> entries;
        for (uint32_t i = 0; i < count; ++i) {
            entries[i] = stress::entry_of({next.round, next.producer, next.number + i});
        }
        const auto begin = Clock::now();
        uint32_t attempts = 0;
        for (uint32_t taken = 0; taken < count;) {
            const uint32_t more =
                mailbox_.try_push_conditions(next.word(), entries.data() + taken, count - taken);
            taken += more;
            next.number += more;
            if (taken < count) {
                worker.reached(more == 0 ? full_ring : bulk_cut_short);
                worker.met_full_ring();
                worker.back_off(attempts++);
            }
        }
        worker.done_since(begin);
        worker.done(count - 1);
    }

    void consume(Worker& worker) {
        for (;;) {
            // Acquire: pairs with the release decrement in produce().
            const bool are_all_pushed = producers_left_.load(std::memory_order_acquire) == 0;
            if (!are_all_pushed && !worker.random().one_in(8)) {
                let_it_fill(worker);
            }
            if (take(worker) == 0 && are_all_pushed) {
                if (mailbox_.tail.load(std::memory_order_relaxed) < first_ticket_) {
                    worker.reached(cursors_wrapped);
                }
                return;
            }
        }
    }

    void let_it_fill(Worker& worker) {
        worker.at("waiting for a full ring");
        for (uint32_t looks = 0; looks < looks_max && backlog(worker) < Capacity; ++looks) {
            worker.back_off(looks);
        }
    }

    // Exact, because this thread is the consumer: no head that it reads can be more than Capacity
    // ahead of its own tail.
    uint64_t backlog(Worker& worker) {
        const uint64_t waiting = mailbox_.head.load(std::memory_order_relaxed) -
                                 mailbox_.tail.load(std::memory_order_relaxed);
        if (waiting > Capacity) {
            run_.fail(Verdict::overfull,
                      "%" PRIu64 " tickets are outstanding in a ring of %" PRIu32, waiting,
                      Capacity);
        }
        worker.saw_backlog(waiting);
        return waiting;
    }

    uint32_t take(Worker& worker) {
        backlog(worker);
        switch (worker.random().below(3)) {
            case 0:
                return take_one(worker);
            case 1:
                return take_batch(worker);
            default:
                return take_until_refused(worker);
        }
    }

    uint32_t take_one(Worker& worker) {
        worker.at("try_pop");
        pto::AICoreCompletionMsgView message;
        if (!mailbox_.try_pop(message)) {
            return 0;
        }
        arrivals_.accept(message);
        return 1;
    }

    uint32_t take_batch(Worker& worker) {
        worker.at("try_pop_batch");
        std::array<pto::AICoreCompletionMsgView, stress::bulk_max> batch;
        const uint32_t count =
            mailbox_.try_pop_batch(batch.data(), worker.random().between(1, stress::bulk_max));
        for (uint32_t i = 0; i < count; ++i) {
            arrivals_.accept(batch[i]);
        }
        return count;
    }

    uint32_t take_until_refused(Worker& worker) {
        worker.at("consume");
        uint32_t wanted = worker.random().between(1, stress::bulk_max);
        return mailbox_.consume(Capacity, [&](const pto::AICoreCompletionMsgView& message) {
            arrivals_.accept(message);
            return --wanted != 0;
        });
    }

    Run& run_;
    Mailbox& mailbox_;
    const uint32_t messages_;
    const uint64_t first_ticket_;
    std::vector<uint32_t> pushed_;
    std::atomic<uint32_t> producers_left_;
    stress::Arrivals arrivals_;
};

template <uint32_t Capacity>
void flood(Run& run, pto::AICoreCompletionMailbox<Capacity>& mailbox) {
    auto random = run.random(0);
    mailbox.reset(stress::first_ticket(random));
    Flood<Capacity>(run, mailbox, random.between(1, producers_max)).run();
}

}  // namespace

STRESS_JOB(mailbox_flood,
           {.operation = "a message pushed; latency from a push's first attempt to its last",
            .states = {"full ring", "bulk push cut short", "cursors wrapped"}}) {
    const auto one = std::make_unique<pto::AICoreCompletionMailbox<1>>();
    const auto small = std::make_unique<pto::AICoreCompletionMailbox<8>>();
    const auto middle = std::make_unique<pto::AICoreCompletionMailbox<64>>();
    const auto shipped = std::make_unique<pto::ShippedMailbox>();
    while (run.next_round()) {
        switch (run.round() % 4) {
            case 0:
                flood(run, *one);
                break;
            case 1:
                flood(run, *small);
                break;
            case 2:
                flood(run, *middle);
                break;
            default:
                flood(run, *shipped);
        }
    }
}
