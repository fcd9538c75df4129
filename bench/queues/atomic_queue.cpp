// The bounded queue of the atomic_queue library, in its variant for elements that are not atomic.
#include <atomic_queue/atomic_queue.h>

#include <memory>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class AtomicQueue {
  public:
    using Queue = atomic_queue::AtomicQueue2<Message, capacity>;

    explicit AtomicQueue(uint32_t /*producers*/) : queue_(std::make_unique<Queue>()) {}

    class Producer {
      public:
        Producer(AtomicQueue& queue, uint64_t token) : queue_(*queue.queue_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            return queue_.try_push(make_message(token_, sequence, kind));
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        Queue& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(AtomicQueue& queue) : queue_(*queue.queue_) {}

        bool try_pop(Message& message) { return queue_.try_pop(message); }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        Queue& queue_;
    };

  private:
    std::unique_ptr<Queue> queue_;
};

const AllCases<AtomicQueue> cases("atomic_queue");

}  // namespace
}  // namespace bench
