// Boost.Lockfree's multi-producer, multi-consumer queue, with its nodes allocated beforehand.
#include <boost/lockfree/queue.hpp>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class BoostLockfree {
  public:
    explicit BoostLockfree(uint32_t /*producers*/) : queue_(capacity) {}

    class Producer {
      public:
        Producer(BoostLockfree& queue, uint64_t token) : queue_(queue.queue_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            return queue_.bounded_push(make_message(token_, sequence, kind));
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        boost::lockfree::queue<Message>& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(BoostLockfree& queue) : queue_(queue.queue_) {}

        bool try_pop(Message& message) { return queue_.pop(message); }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        boost::lockfree::queue<Message>& queue_;
    };

  private:
    boost::lockfree::queue<Message> queue_;
};

const AllCases<BoostLockfree> cases("boost_lockfree");

}  // namespace
}  // namespace bench
