// The lock-based design as a queue: a producer is a task that registers conditions, a pop is the
// poll that finds all of them satisfied. The sequence number travels as the expected value of a
// counter that is ahead of all of them.
#include "bench/queues/register_deferred.h"

#include <array>
#include <memory>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class RegisterDeferred {
  public:
    explicit RegisterDeferred(uint32_t /*producers*/)
        : list_(std::make_unique<pto::a2a3::AsyncWaitList>()) {}

    class Producer {
      public:
        Producer(RegisterDeferred& queue, uint64_t token) : list_(*queue.list_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            if (kind == pto::MSG_KIND_TASK_NORMAL_DONE) {
                // The poll below hands the number out again, and no code follows the pointer.
                auto* slot = reinterpret_cast<pto::a2a3::PTO2TaskSlotState*>(sequence);
                return register_all(0, slot);
            }
            return try_push_batch(sequence, 1) == 1;
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            for (uint32_t i = 0; i < n; ++i) {
                entries_[i] = {reinterpret_cast<uint64_t>(&satisfied), 0,
                               static_cast<uint32_t>(sequence + i),    pto::COMPLETION_ENGINE_SDMA,
                               pto::COMPLETION_TYPE_COUNTER,           0};
            }
            return register_all(n, nullptr) ? n : 0;
        }

      private:
        /// As the FIN path did: spins for as long as another thread has the lock.
        bool register_all(uint32_t n, pto::a2a3::PTO2TaskSlotState* done) {
            Registration result;
            while ((result = register_deferred(list_, token_, entries_.data(), n, done)) ==
                   Registration::SKIPPED) {
                pto::spin_hint();
            }
            return result == Registration::REGISTERED;
        }

        pto::a2a3::AsyncWaitList& list_;
        uint64_t token_;
        std::array<pto::DeferredCompletionEntry, conditions_per_task> entries_;
    };

    /// Visits the entries last to first and their conditions in order, as the poll did. A poll
    /// handles a satisfied condition under the lock, so the lock stays taken until the last message
    /// of a poll was returned.
    class Consumer {
      public:
        explicit Consumer(RegisterDeferred& queue) : list_(*queue.list_) {}

        bool try_pop(Message& message) {
            if (!is_polling_ && !begin_poll()) {
                return false;
            }
            message = take_next(list_.entries[entry_]);
            find_next();
            return true;
        }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        /// Takes the lock, and keeps it if there is a message.
        bool begin_poll() {
            if (!list_.try_lock()) {
                return false;
            }
            is_polling_ = true;
            // Relaxed: `count` is stored under the lock only, which this thread holds.
            entry_ = list_.count.load(std::memory_order_relaxed) - 1;
            condition_ = 0;
            find_next();
            return is_polling_;
        }

        /// Moves to the next entry that has a message left; without one the poll is over.
        void find_next() {
            while (entry_ >= 0) {
                const pto::a2a3::AsyncWaitEntry& entry = list_.entries[entry_];
                if (condition_ < entry.condition_count + int32_t{entry.normal_done}) {
                    return;
                }
                leave(entry_--);
                condition_ = 0;
            }
            is_polling_ = false;
            list_.unlock();
        }

        /// The entry's next condition, then its NORMAL_DONE.
        Message take_next(pto::a2a3::AsyncWaitEntry& entry) {
            const uint64_t token = entry.task_token;
            if (condition_ == entry.condition_count) {
                ++condition_;
                return make_message(token, reinterpret_cast<uint64_t>(entry.slot_state),
                                    pto::MSG_KIND_TASK_NORMAL_DONE);
            }
            pto::a2a3::CompletionCondition& condition = entry.conditions[condition_++];
            condition.satisfied = condition.test().state == pto::CompletionPollState::READY;
            condition.retire();
            --entry.waiting_completion_count;
            return make_message(token, condition.expected_value, pto::MSG_KIND_CONDITION);
        }

        /// A task that is done makes room for the last one; another keeps its entry.
        void leave(int32_t number) {
            pto::a2a3::AsyncWaitEntry& entry = list_.entries[number];
            entry.condition_count = 0;
            if (entry.normal_done) {
                const int32_t last = list_.count.load(std::memory_order_relaxed) - 1;
                entry = list_.entries[last];
                list_.count.store(last, std::memory_order_relaxed);
            }
        }

        pto::a2a3::AsyncWaitList& list_;
        bool is_polling_ = false;
        int32_t entry_ = -1;
        int32_t condition_ = 0;
    };

  private:
    alignas(64) static inline uint32_t satisfied = UINT32_MAX;

    std::unique_ptr<pto::a2a3::AsyncWaitList> list_;
};

const AllCases<RegisterDeferred> cases("register_deferred");

}  // namespace
}  // namespace bench
