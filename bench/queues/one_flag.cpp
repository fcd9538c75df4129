// The floor of a burst: plain lines and a single flag, in a ring of the mailbox's size. No queue
// at all: it is safe only because the producer waits for the consumer's word after every burst.
#include <array>
#include <atomic>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class OneFlag {
  public:
    explicit OneFlag(uint32_t /*producers*/) {}

    class Producer {
      public:
        Producer(OneFlag& queue, uint64_t token) : queue_(queue), token_(token) {}

        /// The NORMAL_DONE, last of its burst, raises the flag.
        bool try_push(uint64_t sequence, uint32_t kind) {
            queue_.slots_[sequence % capacity] = make_message(token_, sequence, kind);
            // Release: pairs with the acquire load in try_pop_batch(); hands the lines over.
            queue_.written_.store(sequence + 1, std::memory_order_release);
            return true;
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            for (uint32_t i = 0; i < n; ++i) {
                queue_.slots_[(sequence + i) % capacity] =
                    make_message(token_, sequence + i, pto::MSG_KIND_CONDITION);
            }
            return n;
        }

      private:
        OneFlag& queue_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(OneFlag& queue) : queue_(queue) {}

        bool try_pop(Message& message) { return try_pop_batch(&message, 1) == 1; }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            // Acquire: pairs with the release store in try_push().
            const uint64_t written = queue_.written_.load(std::memory_order_acquire);
            const uint32_t taken = static_cast<uint32_t>(std::min<uint64_t>(n, written - read_));
            for (uint32_t i = 0; i < taken; ++i) {
                messages[i] = queue_.slots_[(read_ + i) % capacity];
            }
            read_ += taken;
            return taken;
        }

      private:
        OneFlag& queue_;
        uint64_t read_ = 0;
    };

  private:
    std::array<Message, capacity> slots_{};
    alignas(64) std::atomic<uint64_t> written_ = 0;
};

[[maybe_unused]] const bool registered = [] {
    cells().push_back({"burst_bulk", "one_flag", burst<OneFlag, true>, 1, true});
    return true;
}();

}  // namespace
}  // namespace bench
