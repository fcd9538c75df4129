// The mailbox itself.
#include "src/runtime/mailbox.h"

#include <array>
#include <cstdint>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

class Mailbox {
  public:
    explicit Mailbox(uint32_t /*producers*/) : ring_{} {}

    class Producer {
      public:
        Producer(Mailbox& queue, uint64_t token) : ring_(queue.ring_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            if (kind == pto::MSG_KIND_TASK_NORMAL_DONE) {
                return ring_.try_push_normal_done(token_, sequence);
            }
            return ring_.try_push_condition(token_, sequence, stamp(token_, sequence, kind),
                                            pto::COMPLETION_ENGINE_SDMA,
                                            pto::COMPLETION_TYPE_COUNTER);
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            for (uint32_t i = 0; i < n; ++i) {
                entries_[i] = make_entry(token_, sequence + i);
            }
            return ring_.try_push_conditions(token_, entries_.data(), n);
        }

      private:
        pto::ShippedMailbox& ring_;
        uint64_t token_;
        std::array<pto::DeferredCompletionEntry, conditions_per_task> entries_;
    };

    class Consumer {
      public:
        explicit Consumer(Mailbox& queue) : ring_(queue.ring_) {}

        bool try_pop(Message& message) { return try_pop_batch(&message, 1) == 1; }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return ring_.consume(n, [&](const pto::AICoreCompletionMsgView& view) {
                messages->token = view.task_token;
                messages->addr = view.addr;
                messages->expected_value = view.expected_value;
                messages->engine = view.engine;
                messages->completion_type = view.completion_type;
                messages->kind = view.kind;
                ++messages;
                return true;
            });
        }

      private:
        pto::ShippedMailbox& ring_;
    };

  private:
    pto::ShippedMailbox ring_;
};

const AllCases<Mailbox> cases("mailbox");

}  // namespace
}  // namespace bench
