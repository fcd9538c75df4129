// moodycamel::ConcurrentQueue with a token for each producer and for the consumer. It is a queue
// for each producer underneath, and every one of them may hold as many messages as the mailbox in
// all; a bound on their sum would let one producer take all the blocks, and the others wait
// forever.
#include <concurrentqueue/concurrentqueue.h>

#include <array>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

struct Traits : moodycamel::ConcurrentQueueDefaultTraits {
    static constexpr size_t MAX_SUBQUEUE_SIZE = capacity;
};
using Bounded = moodycamel::ConcurrentQueue<Message, Traits>;

class Moodycamel {
  public:
    explicit Moodycamel(uint32_t producers)
        : queue_(capacity, /*maxExplicitProducers=*/producers, /*maxImplicitProducers=*/0) {}

    class Producer {
      public:
        Producer(Moodycamel& queue, uint64_t token)
            : queue_(queue.queue_), handle_(queue.queue_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            return queue_.enqueue(handle_, make_message(token_, sequence, kind));
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            for (uint32_t i = 0; i < n; ++i) {
                messages_[i] = make_message(token_, sequence + i, pto::MSG_KIND_CONDITION);
            }
            // All or nothing: short of room it falls back to single pushes, which take a prefix.
            return queue_.enqueue_bulk(handle_, messages_.data(), n)
                       ? n
                       : push_one_by_one(*this, sequence, n);
        }

      private:
        Bounded& queue_;
        moodycamel::ProducerToken handle_;
        uint64_t token_;
        std::array<Message, conditions_per_task> messages_;
    };

    class Consumer {
      public:
        explicit Consumer(Moodycamel& queue) : queue_(queue.queue_), handle_(queue.queue_) {}

        bool try_pop(Message& message) { return queue_.try_dequeue(handle_, message); }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return static_cast<uint32_t>(queue_.try_dequeue_bulk(handle_, messages, n));
        }

      private:
        Bounded& queue_;
        moodycamel::ConsumerToken handle_;
    };

  private:
    Bounded queue_;
};

const AllCases<Moodycamel> cases("moodycamel");

}  // namespace
}  // namespace bench
