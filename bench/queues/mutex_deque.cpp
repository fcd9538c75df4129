// A mutex around a bounded std::deque.
#include <deque>
#include <mutex>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class MutexDeque {
  public:
    explicit MutexDeque(uint32_t /*producers*/) {}

    class Producer {
      public:
        Producer(MutexDeque& queue, uint64_t token) : queue_(queue), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            const std::lock_guard lock(queue_.mutex_);
            return push_locked(sequence, kind);
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            const std::lock_guard lock(queue_.mutex_);
            uint32_t pushed = 0;
            while (pushed < n && push_locked(sequence + pushed, pto::MSG_KIND_CONDITION)) {
                ++pushed;
            }
            return pushed;
        }

      private:
        bool push_locked(uint64_t sequence, uint32_t kind) {
            if (queue_.messages_.size() == capacity) {
                return false;
            }
            queue_.messages_.push_back(make_message(token_, sequence, kind));
            return true;
        }

        MutexDeque& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(MutexDeque& queue) : queue_(queue) {}

        bool try_pop(Message& message) { return try_pop_batch(&message, 1) == 1; }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            const std::lock_guard lock(queue_.mutex_);
            uint32_t popped = 0;
            while (popped < n && !queue_.messages_.empty()) {
                messages[popped++] = queue_.messages_.front();
                queue_.messages_.pop_front();
            }
            return popped;
        }

      private:
        MutexDeque& queue_;
    };

  private:
    std::mutex mutex_;
    std::deque<Message> messages_;
};

const AllCases<MutexDeque> cases("mutex_deque");

}  // namespace
}  // namespace bench
