// Job: several consumers contend for the wait list's lock, pop a few messages and hand over.
//
// Checked: one holder at a time; tickets come out without a gap and in order across hand-overs;
// every message once, as it was pushed; a push that begins after another has returned has the
// higher ticket. Under ThreadSanitizer the lock must order all that consumers share.
#include <array>
#include <atomic>
#include <cinttypes>
#include <memory>
#include <vector>

#include "src/a2a3/platform.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"
#include "stress/support/traffic.h"

namespace {

using stress::Clock;
using stress::Origin;
using stress::Run;
using stress::Verdict;
using stress::Worker;

constexpr uint32_t producers_max = 4;
constexpr uint32_t consumers_max = 6;
constexpr uint32_t messages_per_producer = 2000;
constexpr uint32_t batch_max = 16;

enum State : uint32_t { hand_over, lock_is_taken };

template <uint32_t Capacity>
class Handover {
  public:
    using List = pto::AsyncWaitList<stress::WithRingOf<pto::a2a3::Platform, Capacity>>;
    using Mailbox = typename List::Mailbox;

    /// The lock and the ring; they stay from round to round.
    struct Shared {
        List list{};
        Mailbox mailbox{};
    };

    Handover(Run& run, Shared& shared, stress::Random& random)
        : run_(run),
          list_(shared.list),
          mailbox_(shared.mailbox),
          consumers_(random.between(2, consumers_max)),
          compares_tickets_(random.one_in(2)),
          pushed_(random.between(1, producers_max)),
          producers_left_(static_cast<uint32_t>(pushed_.size())),
          next_ticket_(stress::first_ticket(random)),
          newest_ticket_(next_ticket_ - 1),
          arrivals_(run, static_cast<uint32_t>(pushed_.size())) {
        mailbox_.reset(next_ticket_);
    }

    void run() {
        stress::Crew crew(run_);
        crew.add("producer", static_cast<uint32_t>(pushed_.size()),
                 [this](Worker& worker, uint32_t index) { produce(worker, index); });
        crew.add("consumer", consumers_,
                 [this](Worker& worker, uint32_t index) { consume(worker, index); });
        crew.work_together();
        arrivals_.finish(pushed_);
        if (!list_.try_lock()) {
            run_.fail(Verdict::left_over, "the lock is held after the last consumer has left");
        }
        list_.unlock();
    }

  private:
    // Producers claim and publish themselves, so that a message can carry its ticket: in the token,
    // which no check looks at.
    void produce(Worker& worker, uint32_t producer) {
        uint32_t& pushed = pushed_[producer];
        while (pushed < messages_per_producer && !run_.time_is_up()) {
            worker.pause();
            pushed += push(worker, {run_.round(), producer, pushed});
        }
        // Release: pairs with the acquire load in consume(); a reader that sees it sees the last
        // message.
        producers_left_.fetch_sub(1, std::memory_order_release);
    }

    uint32_t push(Worker& worker, Origin next) {
        // Acquire: pairs with the release exchange in remember(). Only in some rounds, because it
        // orders producers that the mailbox leaves unordered.
        const uint64_t newest =
            compares_tickets_ ? newest_ticket_.load(std::memory_order_acquire) : 0;
        worker.at("try_claim");
        const uint32_t wanted = worker.random().between(1, batch_max);
        uint64_t ticket = 0;
        uint32_t claimed = 0;
        for (uint32_t attempts = 0; claimed == 0; ++attempts) {
            claimed = mailbox_.try_claim(wanted, ticket);
            if (claimed == 0) {
                worker.met_full_ring();
                worker.back_off(attempts);
            }
        }
        if (compares_tickets_ && static_cast<int64_t>(ticket - newest) <= 0) {
            run_.fail(Verdict::reordered,
                      "a push got ticket %" PRIu64
                      ", though one that had returned before it began "
                      "has %" PRIu64,
                      ticket, newest);
        }
        worker.at("publish");
        for (uint32_t i = 0; i < claimed; ++i) {
            publish(ticket + i, {next.round, next.producer, next.number + i});
        }
        remember(ticket + claimed - 1);
        return claimed;
    }

    void publish(uint64_t ticket, const Origin& origin) {
        const pto::DeferredCompletionEntry entry = stress::entry_of(origin);
        mailbox_.publish(
            ticket, {ticket, entry.addr, entry.expected_value, entry.engine, entry.completion_type,
                     pto::MSG_KIND_CONDITION, entry.backend_cookie});
    }

    void remember(uint64_t ticket) {
        if (!compares_tickets_) {
            return;
        }
        uint64_t newest = newest_ticket_.load(std::memory_order_relaxed);
        // Release: pairs with the acquire load in push(); this push has returned by then.
        while (static_cast<int64_t>(ticket - newest) > 0 &&
               !newest_ticket_.compare_exchange_weak(newest, ticket, std::memory_order_release,
                                                     std::memory_order_relaxed)) {
        }
    }

    void consume(Worker& worker, uint32_t consumer) {
        for (uint32_t attempts = 0;;) {
            // Acquire: pairs with the release decrement in produce().
            const bool are_all_pushed = producers_left_.load(std::memory_order_acquire) == 0;
            worker.at("try_lock");
            if (!list_.try_lock()) {
                worker.reached(lock_is_taken);
                worker.back_off(attempts++);
                continue;
            }
            attempts = 0;
            const uint32_t taken = take_a_turn(worker, consumer);
            if (taken == 0 && are_all_pushed) {
                return;
            }
            worker.pause();
        }
    }

    /// Called with the lock held; releases it.
    uint32_t take_a_turn(Worker& worker, uint32_t consumer) {
        worker.at("a turn with the lock");
        const auto begin = Clock::now();
        // Relaxed: it detects two holders, and must order nothing for them.
        if (is_held_.exchange(true, std::memory_order_relaxed)) {
            run_.fail(Verdict::held_twice,
                      "consumer %" PRIu32 " got the lock while %" PRIu32 " had it", consumer,
                      last_holder_);
        }
        if (consumer != last_holder_) {
            worker.reached(hand_over);
        }
        last_holder_ = consumer;
        const uint32_t taken = take(worker);
        worker.pause();
        is_held_.store(false, std::memory_order_relaxed);
        list_.unlock();
        if (taken != 0) {
            worker.done_since(begin);
            worker.done(taken - 1);
        }
        return taken;
    }

    uint32_t take(Worker& worker) {
        worker.saw_backlog(mailbox_.head.load(std::memory_order_relaxed) - next_ticket_);
        std::array<pto::AICoreCompletionMsgView, batch_max> batch;
        const uint32_t wanted = worker.random().between(1, batch_max);
        const uint32_t taken = wanted == 1 ? uint32_t{mailbox_.try_pop(batch[0])}
                                           : mailbox_.try_pop_batch(batch.data(), wanted);
        for (uint32_t i = 0; i < taken; ++i) {
            accept(batch[i]);
        }
        const uint64_t tail = mailbox_.tail.load(std::memory_order_relaxed);
        if (tail != next_ticket_) {
            run_.fail(Verdict::reordered,
                      "the ring's tail is %" PRIu64 " after ticket %" PRIu64 " was the next to pop",
                      tail, next_ticket_);
        }
        return taken;
    }

    void accept(pto::AICoreCompletionMsgView message) {
        const uint64_t ticket = message.task_token;
        if (ticket != next_ticket_) {
            run_.fail(static_cast<int64_t>(ticket - next_ticket_) < 0 ? Verdict::duplicated
                                                                      : Verdict::lost,
                      "ticket %" PRIu64 " came out when it was the turn of %" PRIu64, ticket,
                      next_ticket_);
        }
        ++next_ticket_;
        // The check of the other fields knows another token.
        message.task_token = message.addr;
        arrivals_.accept(message);
    }

    Run& run_;
    List& list_;
    Mailbox& mailbox_;
    const uint32_t consumers_;
    const bool compares_tickets_;
    std::vector<uint32_t> pushed_;
    std::atomic<uint32_t> producers_left_;
    std::atomic<bool> is_held_{false};
    // Plain on purpose: only the lock orders them.
    uint64_t next_ticket_;
    uint32_t last_holder_ = 0;
    std::atomic<uint64_t> newest_ticket_;
    stress::Arrivals arrivals_;
};

template <uint32_t Capacity>
void hand_over_round(Run& run, typename Handover<Capacity>::Shared& shared) {
    auto random = run.random(0);
    Handover<Capacity>(run, shared, random).run();
}

}  // namespace

STRESS_JOB(consumer_handover, {.operation = "a message popped; latency of a turn with the lock",
                               .states = {"hand-over", "lock is taken"}}) {
    const auto small = std::make_unique<Handover<8>::Shared>();
    const auto shipped = std::make_unique<Handover<4096>::Shared>();
    while (run.next_round()) {
        if (run.round() % 2 == 0) {
            hand_over_round<8>(run, *small);
        } else {
            hand_over_round<4096>(run, *shipped);
        }
    }
}
