// Job: a producer stops between its claim and the publication, for a while, and in the middle of
// publishing; other producers continue to push, and a consumer to pop.
//
// Checked: the consumer gets everything before the first unpublished ticket and nothing after it,
// published or not; the other producers are refused only when the ring is full, to the message;
// once the tickets are published all threads continue, and every message arrives once.
#include <algorithm>
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

constexpr uint32_t producers_max = 6;
constexpr uint32_t claim_max = 64;
constexpr uint32_t stall_us_max = 500;
// Messages that each producer pushes after the stall is over, at least.
constexpr uint32_t messages_after = 20;

enum State : uint32_t { stalled_with_one, stalled_with_many, stalled_in_the_middle };

template <uint32_t Capacity>
class Stall {
  public:
    using Mailbox = pto::AICoreCompletionMailbox<Capacity>;

    Stall(Run& run, Mailbox& mailbox, uint32_t producers)
        : run_(run),
          mailbox_(mailbox),
          producers_(producers),
          pushed_(producers + 1),
          arrivals_(run, producers + 1) {}

    void run() {
        stress::Crew crew(run_);
        crew.add("producer", static_cast<uint32_t>(producers_.size()),
                 [this](Worker& worker, uint32_t index) { produce(worker, index); });
        crew.add("stalled producer", 1, [this](Worker& worker, uint32_t) { stall(worker); });
        crew.add("consumer", 1, [this](Worker& worker, uint32_t) { consume(worker); });
        crew.work_together();
        for (uint32_t i = 0; i < producers_.size(); ++i) {
            pushed_[i] = producers_[i].accepted.load(std::memory_order_relaxed);
        }
        arrivals_.finish(pushed_);
        stress::check_room(run_, mailbox_);
    }

  private:
    // A gap is a place at which the consumer must stop. Gaps of a round are numbered from 1; 0 says
    // that there is none.
    struct alignas(64) Producer {
        std::atomic<uint32_t> accepted{0};
        /// The newest gap at which the consumer stood before a push that was refused.
        std::atomic<uint32_t> refused_at{0};
    };

    // ----- the other producers -----------------------------------------------------------------

    void produce(Worker& worker, uint32_t index) {
        Producer& self = producers_[index];
        uint32_t accepted = 0;
        for (uint32_t attempts = 0; !is_over_.load(std::memory_order_relaxed);) {
            worker.pause();
            if (push(worker, {run_.round(), index, accepted})) {
                // Release: pairs with the acquire loads in accepted_by_all() and in stall().
                self.accepted.store(++accepted, std::memory_order_release);
                attempts = 0;
            } else {
                worker.back_off(attempts++);
            }
        }
        // Release: pairs with the acquire load in consume(); a reader that sees it sees the last
        // message.
        ended_.fetch_add(1, std::memory_order_release);
    }

    bool push(Worker& worker, const Origin& origin) {
        worker.at("try_push before a gap");
        // Acquire: pairs with the release store in look_at(): if this push is refused, then after
        // the consumer took its last message.
        const uint32_t gap = consumer_at_.load(std::memory_order_acquire);
        const auto begin = Clock::now();
        if (stress::try_push(mailbox_, origin)) {
            worker.done_since(begin);
            return true;
        }
        worker.met_full_ring();
        // Release: pairs with the acquire load in await_full_ring(); hands over `accepted`.
        producers_[origin.producer].refused_at.store(gap, std::memory_order_release);
        return false;
    }

    // ----- the producer that stops -------------------------------------------------------------

    void stall(Worker& worker) {
        uint64_t ticket = 0;
        const uint32_t claimed = claim(worker, ticket);
        worker.reached(claimed == 1 ? stalled_with_one : stalled_with_many);
        stop_at(worker, ticket, claimed);
        if (claimed > 1) {
            publish_with_a_stop(worker, ticket, claimed);
        } else {
            close_gap();
            publish(ticket, 0);
        }
        worker.done(claimed);
        pushed_.back() = claimed;
        await_progress(worker);
        // Relaxed: it ends the others' loops and orders nothing.
        is_over_.store(true, std::memory_order_relaxed);
        // Release: pairs with the acquire load in consume(); a reader that sees it sees the last
        // message.
        ended_.fetch_add(1, std::memory_order_release);
    }

    /// The last one, which lets no thread continue; then the first ones, which the consumer gets,
    /// and no more; then the others.
    void publish_with_a_stop(Worker& worker, uint64_t ticket, uint32_t claimed) {
        const uint32_t last = claimed - 1;
        const uint32_t first_part = worker.random().between(1, last);
        if (first_part < last) {
            publish(ticket, last);
            rest(worker);
            expect_no_passing(ticket);
        }
        open_gap(ticket + first_part);
        publish_range(ticket, 0, first_part);
        worker.reached(stalled_in_the_middle);
        await_full_ring(worker, claimed);
        expect_no_passing(ticket + first_part);
        close_gap();
        publish_range(ticket, first_part, first_part < last ? last : claimed);
    }

    uint32_t claim(Worker& worker, uint64_t& ticket) {
        worker.at("try_claim");
        const uint32_t several = worker.random().between(1, std::min(claim_max, Capacity));
        const uint32_t wanted = worker.random().one_in(4) ? 1 : several;
        for (uint32_t attempts = 0;; ++attempts) {
            if (const uint32_t claimed = mailbox_.try_claim(wanted, ticket)) {
                return claimed;
            }
            worker.back_off(attempts);
        }
    }

    void stop_at(Worker& worker, uint64_t ticket, uint32_t claimed) {
        open_gap(ticket);
        await_full_ring(worker, claimed);
        rest(worker);
        expect_no_passing(ticket);
        if (claimed < Capacity && !mailbox_.has_pending()) {
            run_.fail(Verdict::denied_pending,
                      "has_pending() is false with published messages after a stopped producer");
        }
    }

    void rest(Worker& worker) {
        worker.at("stopped between claim and publication");
        std::this_thread::sleep_for(std::chrono::microseconds(worker.random().below(stall_us_max)));
    }

    void publish(uint64_t ticket, uint32_t index) {
        const Origin origin{run_.round(), static_cast<uint32_t>(producers_.size()), index};
        const pto::DeferredCompletionEntry entry = stress::entry_of(origin);
        mailbox_.publish(ticket + index,
                         {origin.word(), entry.addr, entry.expected_value, entry.engine,
                          entry.completion_type, pto::MSG_KIND_CONDITION, entry.backend_cookie});
    }

    void publish_range(uint64_t ticket, uint32_t begin, uint32_t end) {
        for (uint32_t i = begin; i < end; ++i) {
            publish(ticket, i);
        }
    }

    void open_gap(uint64_t ticket) {
        gap_ticket_.store(ticket, std::memory_order_relaxed);
        // Release: pairs with the acquire load in consume(); hands over the ticket.
        gap_.store(++gaps_, std::memory_order_release);
    }

    void close_gap() { gap_.store(0, std::memory_order_relaxed); }

    /// Waits until every producer was refused with the consumer at the gap. No thread can push or
    /// pop from then on, so that the counts are exact.
    void await_full_ring(Worker& worker, uint32_t claimed) {
        worker.wait_for("stopped, until all others are refused", [this] {
            return std::all_of(producers_.begin(), producers_.end(), [this](const Producer& other) {
                // Acquire: pairs with the release store in push().
                return other.refused_at.load(std::memory_order_acquire) == gaps_;
            });
        });
        const uint64_t outstanding =
            accepted_by_all() + claimed - popped_.load(std::memory_order_relaxed);
        worker.saw_backlog(outstanding);
        if (outstanding != Capacity) {
            run_.fail(outstanding < Capacity ? Verdict::refused_with_room : Verdict::overfull,
                      "with the consumer stopped at a gap, every push was refused at "
                      "%" PRIu64 " outstanding tickets in a ring of %" PRIu32,
                      outstanding, Capacity);
        }
    }

    uint64_t accepted_by_all() const {
        uint64_t total = 0;
        for (const Producer& producer : producers_) {
            total += producer.accepted.load(std::memory_order_acquire);
        }
        return total;
    }

    void expect_no_passing(uint64_t gap_ticket) {
        const uint64_t tail = mailbox_.tail.load(std::memory_order_relaxed);
        if (tail != gap_ticket) {
            run_.fail(Verdict::passed_a_gap,
                      "the consumer is at ticket %" PRIu64 ", though ticket %" PRIu64
                      " is not published",
                      tail, gap_ticket);
        }
    }

    void await_progress(Worker& worker) {
        std::vector<uint32_t> goals;
        for (const Producer& producer : producers_) {
            goals.push_back(producer.accepted.load(std::memory_order_acquire) + messages_after);
        }
        worker.wait_for("published, until all others have pushed again", [&] {
            return std::equal(producers_.begin(), producers_.end(), goals.begin(),
                              [](const Producer& producer, uint32_t goal) {
                                  return producer.accepted.load(std::memory_order_acquire) >= goal;
                              });
        });
    }

    // ----- the consumer ------------------------------------------------------------------------

    void consume(Worker& worker) {
        for (;;) {
            // Acquire: pairs with the release increments of produce() and stall().
            const bool are_all_pushed =
                ended_.load(std::memory_order_acquire) == producers_.size() + 1;
            // Acquire: pairs with the release store in open_gap().
            const uint32_t gap = gap_.load(std::memory_order_acquire);
            const uint32_t popped = pop(worker);
            if (gap != 0) {
                look_at(gap, popped);
            }
            if (popped == 0 && are_all_pushed) {
                return;
            }
            worker.pause();
        }
    }

    uint32_t pop(Worker& worker) {
        worker.at("try_pop_batch");
        pto::AICoreCompletionMsgView batch[stress::bulk_max];
        const uint32_t popped =
            mailbox_.try_pop_batch(batch, worker.random().between(1, stress::bulk_max));
        for (uint32_t i = 0; i < popped; ++i) {
            arrivals_.accept(batch[i]);
        }
        popped_.store(arrivals_.arrived(), std::memory_order_relaxed);
        return popped;
    }

    void look_at(uint32_t gap, uint32_t popped) {
        const uint64_t gap_ticket = gap_ticket_.load(std::memory_order_relaxed);
        const uint64_t tail = mailbox_.tail.load(std::memory_order_relaxed);
        // Relaxed: a thread that has popped a message from after the gap knows of all that its
        // producer did before, closing the gap included.
        if (gap_.load(std::memory_order_relaxed) != gap) {
            return;
        }
        if (static_cast<int64_t>(tail - gap_ticket) > 0) {
            run_.fail(Verdict::passed_a_gap,
                      "the consumer is at ticket %" PRIu64 ", though ticket %" PRIu64
                      " is not published",
                      tail, gap_ticket);
        }
        // A pop may find nothing elsewhere too, at a ticket that is about to be published.
        if (popped == 0 && tail == gap_ticket) {
            // Release: pairs with the acquire load in push(); hands over the tail and `popped_`.
            consumer_at_.store(gap, std::memory_order_release);
        }
    }

    Run& run_;
    Mailbox& mailbox_;
    std::vector<Producer> producers_;
    std::vector<uint32_t> pushed_;  // the last is the one that stops
    stress::Arrivals arrivals_;
    uint32_t gaps_ = 0;
    std::atomic<uint32_t> gap_{0};
    std::atomic<uint64_t> gap_ticket_{0};
    std::atomic<uint32_t> consumer_at_{0};
    std::atomic<uint64_t> popped_{0};
    std::atomic<bool> is_over_{false};
    std::atomic<size_t> ended_{0};
};

template <uint32_t Capacity>
void stall(Run& run, pto::AICoreCompletionMailbox<Capacity>& mailbox) {
    auto random = run.random(0);
    mailbox.reset(stress::first_ticket(random));
    Stall<Capacity>(run, mailbox, random.between(1, producers_max)).run();
}

}  // namespace

STRESS_JOB(stalled_producer, {.operation = "a message pushed; latency of a push that was taken",
                              .states = {"stalled with one ticket", "stalled with several",
                                         "stalled in the middle of publishing"}}) {
    const auto small = std::make_unique<pto::AICoreCompletionMailbox<8>>();
    const auto middle = std::make_unique<pto::AICoreCompletionMailbox<128>>();
    const auto shipped = std::make_unique<pto::ShippedMailbox>();
    while (run.next_round()) {
        switch (run.round() % 3) {
            case 0:
                stall(run, *small);
                break;
            case 1:
                stall(run, *middle);
                break;
            default:
                stall(run, *shipped);
        }
    }
}
