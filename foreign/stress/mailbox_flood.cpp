// Job: up to 8 producers push into the mailbox of another tree, which is full most of the time.
//
// Checked: every message arrives once, as it was pushed, in its producer's order; afterwards
// exactly as many fit as the ring has slots.
#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <vector>

#include "foreign/ring.h"
#include "stress/support/crew.h"
#include "stress/support/job.h"
#include "stress/support/traffic.h"

namespace {

using stress::Clock;
using stress::Origin;
using stress::Run;
using stress::Worker;

constexpr uint32_t producers_max = 8;
constexpr uint32_t laps = 4;

enum State : uint32_t { full_ring };

class Flood {
  public:
    Flood(Run& run, foreign::RingMailbox& mailbox, uint32_t producers)
        : run_(run),
          mailbox_(mailbox),
          messages_(std::max(4000u, laps * foreign::tree().capacity) / producers),
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
        check_room();
    }

  private:
    void produce(Worker& worker, uint32_t producer) {
        Origin next{run_.round(), producer, 0};
        while (next.number < messages_ && !run_.time_is_up()) {
            worker.pause();
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
        pushed_[producer] = next.number;
        // Release: pairs with the acquire load in consume(); a reader that sees it sees the last
        // message.
        producers_left_.fetch_sub(1, std::memory_order_release);
    }

    void consume(Worker& worker) {
        for (uint32_t waits = 0;;) {
            // Acquire: pairs with the release decrement in produce().
            const bool are_all_pushed = producers_left_.load(std::memory_order_acquire) == 0;
            if (!are_all_pushed && ++waits % 8 != 0) {
                worker.back_off(waits % 64);
            }
            worker.at("try_pop");
            uint32_t taken = 0;
            const uint32_t wanted = worker.random().between(1, 64);
            while (taken < wanted && take_one()) {
                ++taken;
            }
            if (taken == 0 && are_all_pushed) {
                return;
            }
        }
    }

    bool take_one() {
        pto::AICoreCompletionMsgView message{};
        if (!mailbox_.try_pop(message)) {
            return false;
        }
        if (message.kind == pto::MSG_KIND_TASK_NORMAL_DONE) {
            // The contract leaves the other fields of one open.
            message.backend_cookie = 0;
            message.expected_value = 0;
            message.engine = 0;
            message.completion_type = 0;
        } else if (!foreign::tree().has(foreign::Feature::cookies)) {
            message.backend_cookie = stress::entry_of(Origin::of(message.addr)).backend_cookie;
        }
        arrivals_.accept(message);
        return true;
    }

    void check_room() {
        uint32_t pushed = 0;
        while (pushed <= foreign::tree().capacity &&
               stress::try_push(mailbox_, {run_.round(), 0, pushed})) {
            ++pushed;
        }
        if (pushed != foreign::tree().capacity) {
            run_.fail(pushed < foreign::tree().capacity ? stress::Verdict::refused_with_room
                                                        : stress::Verdict::overfull,
                      "an empty ring of %" PRIu32 " slots took %" PRIu32 " messages",
                      foreign::tree().capacity, pushed);
        }
    }

    Run& run_;
    foreign::RingMailbox& mailbox_;
    const uint32_t messages_;
    std::vector<uint32_t> pushed_;
    std::atomic<uint32_t> producers_left_;
    stress::Arrivals arrivals_;
};

}  // namespace

STRESS_JOB(mailbox_flood,
           {.operation = "a message pushed; latency from a push's first attempt to its last",
            .states = {"full ring"}}) {
    foreign::RingMailbox mailbox;
    while (run.next_round()) {
        auto random = run.random(0);
        mailbox.reset(0);
        Flood(run, mailbox, random.between(1, producers_max)).run();
    }
}
