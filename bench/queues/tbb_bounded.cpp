// oneTBB's concurrent_bounded_queue.
#include <tbb/concurrent_queue.h>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class TbbBounded {
  public:
    explicit TbbBounded(uint32_t /*producers*/) { queue_.set_capacity(capacity); }

    class Producer {
      public:
        Producer(TbbBounded& queue, uint64_t token) : queue_(queue.queue_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            return queue_.try_push(make_message(token_, sequence, kind));
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        tbb::concurrent_bounded_queue<Message>& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(TbbBounded& queue) : queue_(queue.queue_) {}

        bool try_pop(Message& message) { return queue_.try_pop(message); }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        tbb::concurrent_bounded_queue<Message>& queue_;
    };

  private:
    tbb::concurrent_bounded_queue<Message> queue_;
};

const AllCases<TbbBounded> cases("tbb_bounded");

}  // namespace
}  // namespace bench
