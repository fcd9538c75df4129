// Runs a schedule of the ready queue on real threads and records what every call did. Judges
// nothing.
//
// A pusher writes into its task before the push, a popper reads and wipes what it got; both
// plainly, so that ThreadSanitizer sees whether the queue hands a task over, and to one popper
// only.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/backoff.h"
#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/make_pause.h"
#include "fuzz/kit/patience.h"
#include "fuzz/kit/positions.h"
#include "fuzz/kit/quiet_event.h"
#include "fuzz/kit/stamps.h"
#include "fuzz/kit/thread_pool.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_text.h"
#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_task.h"
#include "src/runtime/ready_queue.h"

namespace fuzz {

/// The threads runner, on a `Queue`, which is pto::ReadyQueue or has its members. One object serves
/// any number of schedules; each has a queue of its own. run() is called by one thread at a time.
template <class Queue>
class ReadyQueueThreadsRunnerOn {
  public:
    using Schedule = ReadyQueueThreadsSchedule;
    using History = ReadyQueueThreadsHistory;

    void run(const ReadyQueueThreadsSchedule& schedule, ReadyQueueThreadsHistory& history) {
        history.clear();
        Run run(schedule, history, batches_);
        const auto describe = [&run] { return run.text(); };
        const DescribedHang described(describe);
        pool_.run(schedule.threads(), [&run](uint32_t index) { run.thread(index); });
        run.finish();
    }

  private:
    using Operation = ReadyThreadsOperation;
    using Batch = std::array<ReadyTask*, ready_batch_max>;
    using Batches = std::array<Batch, ready_poppers_max>;

    class Run {
      public:
        Run(const ReadyQueueThreadsSchedule& schedule, ReadyQueueThreadsHistory& history,
            Batches& batches)
            : schedule_(schedule),
              history_(history),
              batches_(batches),
              queue_(schedule.capacity, schedule.first_ticket),
              stamps_(schedule.stamped),
              pushers_left_(schedule.pushers) {}

        void thread(uint32_t index) {
            if (index < schedule_.poppers) {
                pop_all(index);
            } else {
                push_all(index);
            }
        }

        /// Drains the queue after all threads are done.
        void finish() {
            const uint32_t end = static_cast<uint32_t>(schedule_.lists[0].size());
            pop_batch(0, end, schedule_.capacity + 1, /*record_nothing=*/true);
            size(0, end);
            history_.stuck = stuck_.load(std::memory_order_relaxed);
        }

        /// Where the threads and the queue stand.
        std::string text() const { return positions_.text(schedule_) + describe_queue(queue_); }

      private:
        void push_all(uint32_t thread) {
            uint32_t next = ready_task_number(thread - schedule_.poppers, 0);
            const std::vector<Operation>& list = schedule_.lists[thread];
            for (uint32_t i = 0; i < list.size(); ++i) {
                positions_.begin(thread, i);
                perform_push(thread, i, list[i], next);
            }
            positions_.begin(thread, list.size());
            pushers_left_.fetch_sub(1, std::memory_order_relaxed);
            pushed_.happen();
        }

        void perform_push(uint32_t thread, uint32_t index, const Operation& op, uint32_t& next) {
            if (op.call == ReadyThreadsCall::push_in_steps) {
                return push_in_steps(thread, index, op, next);
            }
            make(op.pause);
            if (op.call == ReadyThreadsCall::size) {
                return size(thread, index);
            }
            if (op.call == ReadyThreadsCall::push_until_taken ||
                op.call == ReadyThreadsCall::push_batch_until_taken) {
                return push_until_taken(thread, index, op, next);
            }
            push(thread, index, op.call, next, op.count, /*record_refusal=*/true);
        }

        static void mark(uint32_t first, uint32_t count) {
            for (uint32_t i = 0; i < count; ++i) {
                ready_task(first + i)->mark = ready_mark(first + i);
            }
        }

        uint32_t push(uint32_t thread, uint32_t index, ReadyThreadsCall call, uint32_t& next,
                      uint32_t count, bool record_refusal) {
            const uint32_t first = next;
            mark(first, count);
            const bool is_single =
                call == ReadyThreadsCall::push || call == ReadyThreadsCall::push_until_taken;
            const uint64_t begin = stamps_.draw();
            const uint32_t taken = is_single ? queue_.push(ready_task(first))
                                             : queue_.push_batch(ready_tasks_from(first), count);
            const uint64_t end = stamps_.draw();
            next += taken;
            if (taken != 0) {
                pushed_.happen();
            }
            if (taken != 0 || record_refusal) {
                history_.events[thread].push_back({index, call, first, count, taken, begin, end});
            }
            return taken;
        }

        void push_until_taken(uint32_t thread, uint32_t index, const Operation& op,
                              uint32_t& next) {
            Patience patience;
            for (uint32_t left = op.count; left != 0;) {
                const uint32_t pops = popped_.seen();
                const uint32_t taken = push(thread, index, op.call, next, left, patience.is_news());
                left -= std::min(taken, left);
                if (taken != 0) {
                    patience.taken();
                } else if (!patience.outlasts_refusal([&] { popped_.wait(pops); })) {
                    stuck_.store(true, std::memory_order_relaxed);
                    return;
                }
            }
        }

        void push_in_steps(uint32_t thread, uint32_t index, const Operation& op, uint32_t& next) {
            const uint32_t first = next;
            mark(first, op.count);
            const uint64_t begin = stamps_.draw();
            uint64_t ticket = 0;
            const uint32_t taken = queue_.try_claim_push(op.count, ticket);
            make(op.pause);
            for (uint32_t i = 0; i < taken; ++i) {
                queue_.put(ticket + i, ready_task(first + i));
            }
            const uint64_t end = stamps_.draw();
            next += taken;
            pushed_.happen();
            history_.events[thread].push_back({index, op.call, first, op.count, taken, begin, end});
        }

        void size(uint32_t thread, uint32_t index) {
            const uint64_t begin = stamps_.draw();
            const uint64_t size = queue_.size();
            const uint64_t end = stamps_.draw();
            history_.events[thread].push_back(
                {index, ReadyThreadsCall::size, 0, 0, static_cast<uint32_t>(size), begin, end});
        }

        void pop_all(uint32_t thread) {
            const std::vector<Operation>& list = schedule_.lists[thread];
            for (uint32_t i = 0; i < list.size(); ++i) {
                positions_.begin(thread, i);
                perform_pop(thread, i, list[i]);
            }
            positions_.begin(thread, list.size());
            // The first drains until all pushers are done: some repeat their pushes until a popper
            // makes room. One is enough for that, and more would take the processors from them.
            if (thread != 0) {
                return;
            }
            Backoff backoff;
            const auto end = static_cast<uint32_t>(list.size());
            while (pushers_left_.load(std::memory_order_relaxed) != 0) {
                const bool is_news = backoff.turns() == 0;
                const uint32_t pushes = pushed_.seen();
                if (pop_batch(thread, end, schedule_.capacity, is_news) != 0) {
                    backoff.restart();
                } else {
                    backoff.pause([&] { pushed_.wait(pushes); });
                }
            }
        }

        void perform_pop(uint32_t thread, uint32_t index, const Operation& op) {
            if (op.call == ReadyThreadsCall::pop_in_steps) {
                return pop_in_steps(thread, index, op);
            }
            make(op.pause);
            if (op.call == ReadyThreadsCall::size) {
                return size(thread, index);
            }
            if (op.call == ReadyThreadsCall::pop) {
                return pop(thread, index);
            }
            pop_batch(thread, index, op.count, /*record_nothing=*/true);
        }

        void pop(uint32_t thread, uint32_t index) {
            const uint64_t begin = stamps_.draw();
            ReadyTask* task = queue_.pop();
            const uint64_t end = stamps_.draw();
            record_pop(thread, {index, ReadyThreadsCall::pop, 0, 1, task != nullptr, begin, end},
                       &task);
        }

        uint32_t pop_batch(uint32_t thread, uint32_t index, uint32_t count, bool record_nothing) {
            ReadyTask** const batch = batches_[thread].data();
            const uint64_t begin = stamps_.draw();
            const uint32_t popped = queue_.pop_batch(batch, count);
            const uint64_t end = stamps_.draw();
            if (popped != 0 || record_nothing) {
                record_pop(thread,
                           {index, ReadyThreadsCall::pop_batch, 0, count, popped, begin, end},
                           batch);
            }
            return popped;
        }

        void pop_in_steps(uint32_t thread, uint32_t index, const Operation& op) {
            ReadyTask** const batch = batches_[thread].data();
            const uint64_t begin = stamps_.draw();
            uint64_t ticket = 0;
            const uint32_t popped = queue_.try_claim_pop(op.count, ticket);
            make(op.pause);
            for (uint32_t i = 0; i < popped; ++i) {
                batch[i] = queue_.take(ticket + i);
            }
            const uint64_t end = stamps_.draw();
            record_pop(thread, {index, op.call, 0, op.count, popped, begin, end}, batch);
        }

        void record_pop(uint32_t thread, ReadyThreadsEvent event, ReadyTask** tasks) {
            std::vector<PoppedTask>& popped = history_.popped[thread];
            if (event.result != 0) {
                popped_.happen();
            }
            event.first = static_cast<uint32_t>(popped.size());
            history_.events[thread].push_back(event);
            for (uint32_t i = 0; i < std::min(event.result, event.count); ++i) {
                popped.push_back({tasks[i], wipe(tasks[i])});
                // A task that this call left must not pass for one that a later call wrote.
                tasks[i] = nullptr;
            }
        }

        static uint32_t wipe(ReadyTask* task) {
            if (number_of(task) == no_ready_task) {
                return 0;
            }
            const uint32_t mark = task->mark;
            task->mark = 0;
            return mark;
        }

        const ReadyQueueThreadsSchedule& schedule_;
        ReadyQueueThreadsHistory& history_;
        Batches& batches_;
        Queue queue_;
        Positions<ready_threads_max> positions_;
        Stamps stamps_;
        std::atomic<uint32_t> pushers_left_;
        QuietEvent pushed_;
        QuietEvent popped_;
        std::atomic<bool> stuck_{false};
    };

    ThreadPool pool_;
    Batches batches_{};
};

using ReadyQueueThreadsRunner = ReadyQueueThreadsRunnerOn<pto::ReadyQueue<ReadyTask>>;

}  // namespace fuzz
