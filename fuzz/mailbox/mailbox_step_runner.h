// Runs a mailbox schedule on the real mailbox, one whole call at a time on one
// thread, and records what every call did. Judges nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/persistent_ring.h"
#include "fuzz/kit/positions.h"
#include "fuzz/kit/ring_text.h"
#include "fuzz/mailbox/mailbox_step_history.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "fuzz/mailbox/registration_views.h"

namespace fuzz {

/// The step runner, on rings of `Rings`, which is PersistentRings or has its members. One object
/// serves any number of schedules; the next sees nothing of the last. Not thread-safe.
template <class Rings>
class MailboxStepRunnerOn {
  public:
    using Schedule = MailboxStepSchedule;
    using History = MailboxStepHistory;

    void run(const MailboxStepSchedule& schedule, MailboxStepHistory& history) {
        history.clear();
        rings_.with_ring_of(schedule.capacity,
                            [&](auto& ring) { run_on(ring, schedule, history); });
    }

  private:
    struct Unpublished {
        uint64_t ticket;
        uint32_t message;
    };

    template <class Ring>
    struct Run {
        Ring& ring;
        typename Ring::Mailbox& mailbox;
        uint32_t capacity;
        std::vector<Unpublished>& unpublished;
        std::vector<pto::AICoreCompletionMsgView>& batch;
        MailboxStepHistory& history;
        uint32_t operation = 0;
        uint32_t next_message = 0;

        void perform(const MailboxOperation& op) {
            switch (op.call) {
                case MailboxCall::push_condition:
                case MailboxCall::push_normal_done:
                    for (uint32_t i = 0; i < op.repetitions; ++i) {
                        push(op.call);
                    }
                    return;
                case MailboxCall::push_conditions:
                    push_conditions(op.count);
                    return;
                case MailboxCall::push_registration:
                    push_registration(op.count);
                    return;
                case MailboxCall::claim:
                    claim(op.count);
                    return;
                case MailboxCall::publish:
                    if (!unpublished.empty()) {
                        publish(op.count % unpublished.size());
                    }
                    return;
                case MailboxCall::pop:
                    for (uint32_t i = 0; i < op.repetitions; ++i) {
                        pop();
                    }
                    return;
                case MailboxCall::pop_batch:
                    pop_batch(op.count);
                    return;
                case MailboxCall::consume:
                    consume(op.count);
                    return;
                case MailboxCall::has_pending:
                    has_pending();
                    return;
                case MailboxCall::restart:
                case MailboxCall::reset:
                    if (unpublished.empty()) {
                        start_over(op);
                    }
                    return;
            }
        }

        /// Publishes and pops all that is left, so that every schedule ends with an empty ring.
        void finish() {
            while (!unpublished.empty()) {
                publish(unpublished.size() - 1);
            }
            consume(capacity + 1);
            has_pending();
        }

      private:
        void record(MailboxCall call, uint32_t first_message, uint32_t count, uint32_t result,
                    uint64_t ticket) {
            history.events.push_back({operation, call, first_message, count, result, ticket});
        }

        void push(MailboxCall call) {
            const uint32_t message = next_message++;
            const pto::DeferredCompletionEntry& p = *payload_of(message);
            const bool pushed =
                call == MailboxCall::push_condition
                    ? mailbox.try_push_condition(token_of(message), p.addr, p.backend_cookie,
                                                 p.expected_value, p.engine, p.completion_type)
                    : mailbox.try_push_normal_done(token_of(message), p.addr);
            record(call, message, 1, pushed, 0);
        }

        void push_conditions(uint32_t count) {
            const uint32_t first = next_message;
            next_message += count;
            const uint32_t pushed =
                mailbox.try_push_conditions(token_of(first), payload_of(first), count);
            record(MailboxCall::push_conditions, first, count, pushed, 0);
        }

        void push_registration(uint32_t conditions) {
            const uint32_t first = next_message;
            next_message += conditions;
            const bool pushed = mailbox.try_push_registration(token_of(first), slot_state_of(first),
                                                              payload_of(first), conditions);
            record(MailboxCall::push_registration, first, conditions, pushed, 0);
        }

        void claim(uint32_t count) {
            uint64_t ticket = 0;
            const uint32_t claimed = mailbox.try_claim(count, ticket);
            record(MailboxCall::claim, next_message, count, claimed, ticket);
            for (uint32_t i = 0; i < claimed; ++i) {
                unpublished.push_back({ticket + i, next_message++});
            }
        }

        void publish(size_t index) {
            const Unpublished claim = unpublished[index];
            unpublished.erase(unpublished.begin() + static_cast<std::ptrdiff_t>(index));
            const pto::DeferredCompletionEntry& p = *payload_of(claim.message);
            mailbox.publish(claim.ticket,
                            {token_of(claim.message), p.addr, p.expected_value, p.engine,
                             p.completion_type, pto::MSG_KIND_CONDITION, p.backend_cookie});
            record(MailboxCall::publish, claim.message, 1, 1, claim.ticket);
        }

        void pop() {
            pto::AICoreCompletionMsgView view{};
            const bool popped = mailbox.try_pop(view);
            record(MailboxCall::pop, 0, 1, popped, 0);
            if (popped) {
                history.popped.push_back(view);
            }
        }

        void pop_batch(uint32_t count) {
            const uint32_t popped = mailbox.try_pop_batch(batch.data(), count);
            record(MailboxCall::pop_batch, 0, count, popped, 0);
            history.popped.insert(
                history.popped.end(), batch.begin(),
                batch.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(popped, count)));
        }

        void consume(uint32_t count) {
            const size_t before = history.popped.size();
            const uint32_t freed = mailbox.consume(
                count, ViewVisitor(count, [this](const pto::AICoreCompletionMsgView& view) {
                    history.popped.push_back(view);
                }));
            record(MailboxCall::consume, 0, count, freed, 0);
            history.events.back().views = static_cast<uint32_t>(history.popped.size() - before);
        }

        void has_pending() { record(MailboxCall::has_pending, 0, 0, mailbox.has_pending(), 0); }

        void start_over(const MailboxOperation& op) {
            if (op.call == MailboxCall::restart) {
                mailbox.restart();
            } else {
                ring.reset(op.first_ticket);
            }
            record(op.call, 0, 0, 0, op.first_ticket);
        }
    };

    template <class Ring>
    void run_on(Ring& ring, const MailboxStepSchedule& schedule, MailboxStepHistory& history) {
        unpublished_.clear();
        Run<Ring> run{
            ring,   ring.renew(schedule.first_ticket), schedule.capacity, unpublished_, batch_,
            history};
        Positions<1> position;
        const auto describe = [&] {
            return "  " + describe_position(schedule.operations, position.of(0)) + "\n" +
                   describe_ring(run.mailbox);
        };
        const DescribedHang described(describe);
        for (const MailboxOperation& operation : schedule.operations) {
            run.perform(operation);
            ++run.operation;
            position.begin(0, run.operation);
        }
        run.finish();
    }

    Rings rings_;
    std::vector<Unpublished> unpublished_;
    std::vector<pto::AICoreCompletionMsgView> batch_ =
        std::vector<pto::AICoreCompletionMsgView>(payload_run_max);
};

using MailboxStepRunner = MailboxStepRunnerOn<PersistentRings<1, 2, 4, 8, 16, 64, 256, 4096>>;

}  // namespace fuzz
