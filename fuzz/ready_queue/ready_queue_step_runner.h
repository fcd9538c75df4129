// Runs a ready-queue schedule on the real queue, one call or one step of a call at a time on one
// thread, and records what each did. Judges nothing.
//
// A push into a slot whose pop is unfinished waits for that pop. On one thread it would never
// return, so the runner, which knows the pops that it left unfinished, records such a call as one
// that waits and does not make it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/kit/hang_watch.h"
#include "fuzz/kit/positions.h"
#include "fuzz/ready_queue/ready_queue_step_history.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_text.h"
#include "fuzz/ready_queue/ready_task.h"
#include "src/runtime/ready_queue.h"

namespace fuzz {

/// The step runner, on a `Queue`, which is pto::ReadyQueue or has its members. One object serves
/// any number of schedules; each has a queue of its own, because a queue cannot be put back to the
/// start. Not thread-safe.
template <class Queue>
class ReadyQueueStepRunnerOn {
  public:
    using Schedule = ReadyQueueStepSchedule;
    using History = ReadyQueueStepHistory;

    void run(const ReadyQueueStepSchedule& schedule, ReadyQueueStepHistory& history) {
        history.clear();
        memory_.pushes.clear();
        memory_.pops.clear();
        std::fill_n(memory_.leaving.begin(), schedule.capacity, std::nullopt);
        Run run(schedule, memory_, history);
        Positions<1> position;
        const auto describe = [&] {
            return "  " + describe_position(schedule.operations, position.of(0)) + "\n" +
                   run.text();
        };
        const DescribedHang described(describe);
        for (const ReadyQueueOperation& operation : schedule.operations) {
            run.perform(operation);
            ++run.operation;
            position.begin(0, run.operation);
        }
        run.finish();
    }

  private:
    struct UnfinishedPush {
        uint64_t ticket;
        uint32_t task;
    };

    /// Working memory that lives from schedule to schedule.
    struct Memory {
        std::vector<UnfinishedPush> pushes;
        std::vector<uint64_t> pops;  ///< tickets of the unfinished pops
        /// Per slot: the ticket of its unfinished pop, if there is one.
        std::array<std::optional<uint64_t>, ready_capacity_max> leaving{};
        std::array<ReadyTask*, ready_batch_max> batch{};
    };

    class Run {
      public:
        uint32_t operation = 0;

        Run(const ReadyQueueStepSchedule& schedule, Memory& memory, ReadyQueueStepHistory& history)
            : capacity_(schedule.capacity),
              memory_(memory),
              history_(history),
              queue_(schedule.capacity, schedule.first_ticket),
              tickets_drawn_(schedule.first_ticket) {}

        void perform(const ReadyQueueOperation& op) {
            switch (op.call) {
                case ReadyQueueCall::push:
                    return repeat(op, [&] { push(op.call, 1); });
                case ReadyQueueCall::push_batch:
                    return push(op.call, op.count);
                case ReadyQueueCall::pop:
                    return repeat(op, [&] { pop(); });
                case ReadyQueueCall::pop_batch:
                    return pop_batch(op.count);
                case ReadyQueueCall::claim_push:
                    return claim_push(op.count);
                case ReadyQueueCall::put:
                    return repeat(op, [&] { put_any(op.count); });
                case ReadyQueueCall::claim_pop:
                    return claim_pop(op.count);
                case ReadyQueueCall::take:
                    return repeat(op, [&] { take_any(op.count); });
                case ReadyQueueCall::size:
                    return size();
            }
        }

        /// Finishes and pops all that is left, so that every schedule ends with an empty queue.
        void finish() {
            while (!memory_.pops.empty()) {
                take(memory_.pops.size() - 1);
            }
            while (!memory_.pushes.empty()) {
                put(memory_.pushes.size() - 1);
            }
            pop_batch(capacity_ + 1);
            size();
        }

        /// Where the queue and the calls that stopped in the middle stand.
        std::string text() const {
            return describe_queue(queue_) + "  " + std::to_string(memory_.pushes.size()) +
                   " pushes and " + std::to_string(memory_.pops.size()) +
                   " pops have a ticket that they have not used\n";
        }

      private:
        template <class Step>
        static void repeat(const ReadyQueueOperation& op, Step&& step) {
            for (uint32_t i = 0; i < op.repetitions; ++i) {
                step();
            }
        }

        void record(ReadyQueueCall call, bool waits, uint32_t first_task, uint32_t count,
                    uint32_t result, uint64_t ticket) {
            history_.events.push_back({operation, call, waits, first_task, count, result, ticket});
        }

        std::optional<uint64_t>& leaving(uint64_t ticket) {
            return memory_.leaving[ticket & (capacity_ - 1)];
        }

        /// Whether a put waits: the pop of one lap before is unfinished.
        bool waits(uint64_t ticket) { return leaving(ticket) == ticket - capacity_; }

        /// Whether a push of the next `count` tickets waits. Of those that the queue has no room
        /// for, none does: the pop of one lap before has not even begun.
        bool push_waits(uint32_t count) {
            for (uint64_t i = 0; i < std::min(count, capacity_); ++i) {
                if (waits(tickets_drawn_ + i)) {
                    return true;
                }
            }
            return false;
        }

        void push(ReadyQueueCall call, uint32_t count) {
            const uint32_t first = next_task_;
            next_task_ += count;
            if (push_waits(count)) {
                return record(call, /*waits=*/true, first, count, 0, 0);
            }
            const uint32_t pushed = call == ReadyQueueCall::push
                                        ? queue_.push(ready_task(first))
                                        : queue_.push_batch(ready_tasks_from(first), count);
            tickets_drawn_ += pushed;
            record(call, false, first, count, pushed, 0);
        }

        void claim_push(uint32_t count) {
            uint64_t ticket = 0;
            const uint32_t claimed = queue_.try_claim_push(count, ticket);
            tickets_drawn_ += claimed;
            record(ReadyQueueCall::claim_push, false, next_task_, count, claimed, ticket);
            for (uint32_t i = 0; i < claimed; ++i) {
                memory_.pushes.push_back({ticket + i, next_task_++});
            }
        }

        void put_any(uint32_t which) {
            if (!memory_.pushes.empty()) {
                put(which % memory_.pushes.size());
            }
        }

        void put(size_t index) {
            const UnfinishedPush push = memory_.pushes[index];
            const bool must_wait = waits(push.ticket);
            if (!must_wait) {
                memory_.pushes.erase(memory_.pushes.begin() + static_cast<std::ptrdiff_t>(index));
                queue_.put(push.ticket, ready_task(push.task));
            }
            record(ReadyQueueCall::put, must_wait, push.task, 1, !must_wait, push.ticket);
        }

        void pop() {
            const ReadyTask* const task = queue_.pop();
            record(ReadyQueueCall::pop, false, 0, 1, task != nullptr, 0);
            if (task != nullptr) {
                history_.popped.push_back(task);
            }
        }

        void pop_batch(uint32_t count) {
            ReadyTask** const batch = memory_.batch.data();
            // A task that an earlier call left here must not pass for one that this call wrote.
            std::fill_n(batch, count, nullptr);
            const uint32_t popped = queue_.pop_batch(batch, count);
            record(ReadyQueueCall::pop_batch, false, 0, count, popped, 0);
            history_.popped.insert(history_.popped.end(), batch, batch + std::min(popped, count));
        }

        void claim_pop(uint32_t count) {
            uint64_t ticket = 0;
            const uint32_t claimed = queue_.try_claim_pop(count, ticket);
            record(ReadyQueueCall::claim_pop, false, 0, count, claimed, ticket);
            for (uint32_t i = 0; i < claimed; ++i) {
                memory_.pops.push_back(ticket + i);
                leaving(ticket + i) = ticket + i;
            }
        }

        void take_any(uint32_t which) {
            if (!memory_.pops.empty()) {
                take(which % memory_.pops.size());
            }
        }

        void take(size_t index) {
            const uint64_t ticket = memory_.pops[index];
            memory_.pops.erase(memory_.pops.begin() + static_cast<std::ptrdiff_t>(index));
            history_.popped.push_back(queue_.take(ticket));
            leaving(ticket).reset();
            record(ReadyQueueCall::take, false, 0, 1, 1, ticket);
        }

        void size() {
            record(ReadyQueueCall::size, false, 0, 0, static_cast<uint32_t>(queue_.size()), 0);
        }

        const uint32_t capacity_;
        Memory& memory_;
        ReadyQueueStepHistory& history_;
        Queue queue_;
        uint64_t tickets_drawn_;  ///< by pushes, and where they began
        uint32_t next_task_ = 0;
    };

    Memory memory_;
};

using ReadyQueueStepRunner = ReadyQueueStepRunnerOn<pto::ReadyQueue<ReadyTask>>;

}  // namespace fuzz
