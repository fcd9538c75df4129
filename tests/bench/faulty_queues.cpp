// Queues with a planted fault each, to show that the benchmarks notice. All of them are a mutex and
// a deque underneath.
#include <cstdint>
#include <deque>
#include <mutex>

#include "bench/mailbox/cases.h"

namespace bench {
namespace {

enum class Fault { NONE, LOSES, REPEATS, MIXES, OVERTAKES };

/// Of each producer's messages, the fault meets the one with this number, long after the warm-up.
constexpr uint64_t faulty_sequence = warm_up_messages + 777;

template <Fault fault>
class Faulty {
  public:
    explicit Faulty(uint32_t /*producers*/) {}

    class Producer {
      public:
        Producer(Faulty& queue, uint64_t token) : queue_(queue), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            const std::lock_guard lock(queue_.mutex_);
            push_locked(sequence, make_message(token_, sequence, kind));
            return true;
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        void push_locked(uint64_t sequence, Message message) {
            std::deque<Message>& messages = queue_.messages_;
            const bool is_met = sequence == faulty_sequence;
            if (fault == Fault::MIXES && is_met) {
                ++message.expected_value;
            }
            if (fault == Fault::REPEATS && is_met) {
                messages.push_back(message);
            }
            if ((fault == Fault::LOSES || fault == Fault::OVERTAKES) && is_met) {
                held_back_ = message;
                return;
            }
            messages.push_back(message);
            if (fault == Fault::OVERTAKES && sequence == faulty_sequence + 1) {
                messages.push_back(held_back_);
            }
        }

        Faulty& queue_;
        uint64_t token_;
        Message held_back_{};
    };

    class Consumer {
      public:
        explicit Consumer(Faulty& queue) : queue_(queue) {}

        bool try_pop(Message& message) {
            const std::lock_guard lock(queue_.mutex_);
            if (queue_.messages_.empty()) {
                return false;
            }
            message = queue_.messages_.front();
            queue_.messages_.pop_front();
            return true;
        }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        Faulty& queue_;
    };

  private:
    std::mutex mutex_;
    std::deque<Message> messages_;
};

template <Fault fault>
void add(const char* name) {
    constexpr StreamShape single{.producers = 1, .is_pinned = true};
    cells().push_back({"stream", name, stream<Faulty<fault>, single>, 1, true});
}

[[maybe_unused]] const bool registered = [] {
    add<Fault::NONE>("right");
    add<Fault::LOSES>("loses");
    add<Fault::REPEATS>("repeats");
    add<Fault::MIXES>("mixes");
    add<Fault::OVERTAKES>("overtakes");
    return true;
}();

}  // namespace
}  // namespace bench
