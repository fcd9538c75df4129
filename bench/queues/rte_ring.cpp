// DPDK's rte_ring with 64-byte elements stored by value, many producers and one consumer.
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <array>
#include <cstdlib>
#include <new>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class RteRing {
  public:
    explicit RteRing(uint32_t /*producers*/) {
        const ssize_t bytes = rte_ring_get_memsize_elem(sizeof(Message), capacity);
        void* memory = std::aligned_alloc(RTE_CACHE_LINE_SIZE, static_cast<size_t>(bytes));
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        ring_ = static_cast<rte_ring*>(memory);
        rte_ring_init(ring_, "bench", capacity, RING_F_SC_DEQ);
    }

    ~RteRing() { std::free(ring_); }
    RteRing(const RteRing&) = delete;
    RteRing& operator=(const RteRing&) = delete;

    class Producer {
      public:
        Producer(RteRing& queue, uint64_t token) : ring_(queue.ring_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            messages_[0] = make_message(token_, sequence, kind);
            return rte_ring_mp_enqueue_elem(ring_, messages_.data(), sizeof(Message)) == 0;
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            for (uint32_t i = 0; i < n; ++i) {
                messages_[i] = make_message(token_, sequence + i, pto::MSG_KIND_CONDITION);
            }
            return rte_ring_mp_enqueue_burst_elem(ring_, messages_.data(), sizeof(Message), n,
                                                  nullptr);
        }

      private:
        rte_ring* ring_;
        uint64_t token_;
        std::array<Message, conditions_per_task> messages_;
    };

    class Consumer {
      public:
        explicit Consumer(RteRing& queue) : ring_(queue.ring_) {}

        bool try_pop(Message& message) {
            return rte_ring_sc_dequeue_elem(ring_, &message, sizeof(Message)) == 0;
        }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return rte_ring_sc_dequeue_burst_elem(ring_, messages, sizeof(Message), n, nullptr);
        }

      private:
        rte_ring* ring_;
    };

  private:
    rte_ring* ring_;
};

const AllCases<RteRing> cases("rte_ring");

}  // namespace
}  // namespace bench
