// Runs a schedule of the mailbox on real threads and records what every call did. Judges nothing.
// Consumers take turns under a lock, as the wait list's `busy` makes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "fuzz/kit/backoff.h"
#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/make_pause.h"
#include "fuzz/kit/patience.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/persistent_ring.h"
#include "fuzz/kit/positions.h"
#include "fuzz/kit/ring_text.h"
#include "fuzz/kit/stamps.h"
#include "fuzz/kit/thread_pool.h"
#include "fuzz/mailbox/mailbox_threads_history.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/mailbox/registration_views.h"

namespace fuzz {

/// The threads runner, on rings of `Rings`, which is PersistentRings or has its members. One object
/// serves any number of schedules; the next sees nothing of the last. run() is called by one thread
/// at a time.
template <class Rings>
class MailboxThreadsRunnerOn {
  public:
    using Schedule = MailboxThreadsSchedule;
    using History = MailboxThreadsHistory;

    void run(const MailboxThreadsSchedule& schedule, MailboxThreadsHistory& history) {
        history.clear();
        rings_.with_ring_of(schedule.capacity,
                            [&](auto& ring) { run_on(ring, schedule, history); });
    }

  private:
    template <class Mailbox>
    struct Run {
        const MailboxThreadsSchedule& schedule;
        MailboxThreadsHistory& history;
        Mailbox& mailbox;
        Stamps stamps;
        std::atomic<uint32_t> producers_left;
        std::atomic<bool> stuck{false};
        std::atomic<int> busy{0};
        Positions<threads_max> positions{};
        std::vector<pto::AICoreCompletionMsgView>& views;  // under busy, like history.popped

        void thread(uint32_t index) {
            if (index < schedule.consumers) {
                consume(index);
            } else {
                produce(index);
            }
        }

        /// Drains the ring after all threads are done.
        void finish() {
            const uint32_t end = static_cast<uint32_t>(schedule.lists[0].size());
            pop(0, end, MailboxThreadsCall::consume, schedule.capacity + 1);
            has_pending(0, end);
            history.stuck = stuck.load(std::memory_order_relaxed);
        }

      private:
        void produce(uint32_t thread) {
            uint32_t next = 0;
            const std::vector<MailboxThreadsOperation>& list = schedule.lists[thread];
            for (uint32_t i = 0; i < list.size(); ++i) {
                make(list[i].pause);
                positions.begin(thread, i);
                perform_producer(thread, i, list[i], next);
            }
            positions.begin(thread, list.size());
            producers_left.fetch_sub(1, std::memory_order_relaxed);
        }

        void perform_producer(uint32_t thread, uint32_t index, const MailboxThreadsOperation& op,
                              uint32_t& next) {
            switch (op.call) {
                case MailboxThreadsCall::push_condition:
                case MailboxThreadsCall::push_normal_done:
                    push(thread, index, op.call, next, 1, true);
                    return;
                case MailboxThreadsCall::push_conditions:
                    push(thread, index, op.call, next, op.count, true);
                    return;
                case MailboxThreadsCall::push_condition_until_taken:
                    push_until_taken(thread, index, MailboxThreadsCall::push_condition, next, 1);
                    return;
                case MailboxThreadsCall::push_conditions_until_taken:
                    push_until_taken(thread, index, MailboxThreadsCall::push_conditions, next,
                                     op.count);
                    return;
                case MailboxThreadsCall::push_registration:
                    push(thread, index, op.call, next, op.count, true);
                    return;
                case MailboxThreadsCall::push_registration_until_taken:
                    push_until_taken(thread, index, MailboxThreadsCall::push_registration, next,
                                     op.count);
                    return;
                case MailboxThreadsCall::has_pending:
                    has_pending(thread, index);
                    return;
                case MailboxThreadsCall::pop:
                case MailboxThreadsCall::pop_batch:
                case MailboxThreadsCall::consume:
                    return;
            }
        }

        uint32_t push(uint32_t thread, uint32_t index, MailboxThreadsCall call, uint32_t& next,
                      uint32_t count, bool record_refusal) {
            const uint32_t first = message_number(thread, next);
            const pto::DeferredCompletionEntry* const p = payload_of(first);
            const uint64_t token = token_of(first);
            const uint64_t begin = stamps.draw();
            uint32_t taken = 0;
            if (call == MailboxThreadsCall::push_conditions) {
                taken = mailbox.try_push_conditions(token, p, count);
            } else if (call == MailboxThreadsCall::push_registration) {
                taken = mailbox.try_push_registration(token, slot_state_of(first), p, count) ? count
                                                                                             : 0;
            } else if (call == MailboxThreadsCall::push_condition) {
                taken =
                    mailbox.try_push_condition(token, p->addr, p->backend_cookie, p->expected_value,
                                               p->engine, p->completion_type);
            } else {
                taken = mailbox.try_push_normal_done(token, p->addr);
            }
            const uint64_t end = stamps.draw();
            next += taken;
            if (taken != 0 || record_refusal) {
                history.events[thread].push_back({index, call, first, count, taken, 0, begin, end});
            }
            return taken;
        }

        void push_until_taken(uint32_t thread, uint32_t index, MailboxThreadsCall call,
                              uint32_t& next, uint32_t count) {
            Patience patience;
            for (uint32_t left = count; left != 0;) {
                const uint32_t taken = push(thread, index, call, next, left, patience.is_news());
                left -= taken < left ? taken : left;
                if (taken != 0) {
                    patience.taken();
                } else if (!patience.outlasts_refusal()) {
                    stuck.store(true, std::memory_order_relaxed);
                    return;
                }
            }
        }

        void has_pending(uint32_t thread, uint32_t index) {
            const uint64_t begin = stamps.draw();
            const bool pending = mailbox.has_pending();
            const uint64_t end = stamps.draw();
            history.events[thread].push_back(
                {index, MailboxThreadsCall::has_pending, 0, 0, pending, 0, begin, end});
        }

        void consume(uint32_t thread) {
            const std::vector<MailboxThreadsOperation>& list = schedule.lists[thread];
            for (uint32_t i = 0; i < list.size(); ++i) {
                make(list[i].pause);
                positions.begin(thread, i);
                if (list[i].call == MailboxThreadsCall::has_pending) {
                    has_pending(thread, i);
                } else {
                    const uint32_t count =
                        list[i].call == MailboxThreadsCall::pop ? 1 : list[i].count;
                    locked_pop(thread, i, list[i].call, count);
                }
            }
            positions.begin(thread, list.size());
            // Drains until all producers are done: some repeat their pushes until a consumer makes
            // room.
            Backoff backoff;
            while (producers_left.load(std::memory_order_relaxed) != 0) {
                if (mailbox.has_pending()) {
                    locked_pop(thread, static_cast<uint32_t>(list.size()),
                               MailboxThreadsCall::consume, schedule.capacity);
                    backoff.restart();
                }
                backoff.pause();
            }
        }

        void locked_pop(uint32_t thread, uint32_t index, MailboxThreadsCall call, uint32_t count) {
            Backoff backoff;
            int expected = 0;
            // Acquire: pairs with the release store below; consumers are totally ordered.
            while (!busy.compare_exchange_weak(expected, 1, std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
                expected = 0;
                backoff.pause();
            }
            pop(thread, index, call, count);
            // Release: pairs with the acquire compare-exchange above.
            busy.store(0, std::memory_order_release);
        }

        void pop(uint32_t thread, uint32_t index, MailboxThreadsCall call, uint32_t count) {
            const uint32_t before = static_cast<uint32_t>(history.popped.size());
            uint32_t came_out = 0;
            const uint64_t begin = stamps.draw();
            uint32_t result = 0;
            if (call == MailboxThreadsCall::pop) {
                result = mailbox.try_pop(views[0]);
            } else if (call == MailboxThreadsCall::pop_batch) {
                result = mailbox.try_pop_batch(views.data(), count);
            } else {
                result = mailbox.consume(
                    count, ViewVisitor(count, [&](const pto::AICoreCompletionMsgView& view) {
                        views[came_out++] = view;
                    }));
            }
            const uint64_t end = stamps.draw();
            const uint32_t event = static_cast<uint32_t>(history.events[thread].size());
            history.events[thread].push_back(
                {index, call, 0, count, result, before, begin, end, came_out});
            const uint32_t seen = views_of(history.events[thread].back());
            for (uint32_t i = 0; i < seen; ++i) {
                history.popped.push_back({views[i], thread, event});
            }
        }
    };

    template <class Ring>
    void run_on(Ring& ring, const MailboxThreadsSchedule& schedule,
                MailboxThreadsHistory& history) {
        Run<typename Ring::Mailbox> run{.schedule = schedule,
                                        .history = history,
                                        .mailbox = ring.renew(schedule.first_ticket),
                                        .stamps = Stamps(schedule.stamped),
                                        .producers_left = schedule.producers,
                                        .views = views_};
        const auto describe = [&run] {
            return run.positions.text(run.schedule) + describe_ring(run.mailbox);
        };
        const DescribedHang described(describe);
        pool_.run(schedule.threads(), [&run](uint32_t index) { run.thread(index); });
        run.finish();
    }

    ThreadPool pool_;
    Rings rings_;
    std::vector<pto::AICoreCompletionMsgView> views_ =
        std::vector<pto::AICoreCompletionMsgView>(views_max(payload_run_max));
};

using MailboxThreadsRunner = MailboxThreadsRunnerOn<PersistentRings<1, 2, 4, 8, 16, 64, 4096>>;

}  // namespace fuzz
