// Concurrency Kit's ring with messages stored by value, many producers and one consumer. What its
// CK_RING_PROTOTYPE would define does not compile as C++, so its bodies are called directly.
#include <ck_ring.h>

#include <memory>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class CkRing {
  public:
    explicit CkRing(uint32_t /*producers*/) : slots_(std::make_unique<Message[]>(capacity)) {
        ck_ring_init(&ring_, capacity);
    }

    class Producer {
      public:
        Producer(CkRing& queue, uint64_t token) : queue_(queue), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            const Message message = make_message(token_, sequence, kind);
            return _ck_ring_enqueue_mp(&queue_.ring_, queue_.slots_.get(), &message, sizeof message,
                                       nullptr);
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        CkRing& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(CkRing& queue) : queue_(queue) {}

        bool try_pop(Message& message) {
            return _ck_ring_dequeue_sc(&queue_.ring_, queue_.slots_.get(), &message,
                                       sizeof message);
        }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        CkRing& queue_;
    };

  private:
    alignas(64) ck_ring ring_;
    std::unique_ptr<Message[]> slots_;
};

const AllCases<CkRing> cases("ck_ring");

}  // namespace
}  // namespace bench
