// What a queue has to offer to be measured, and what queues without bulk operations get instead.
#pragma once

#include <concepts>
#include <cstdint>

#include "bench/mailbox/message.h"

namespace bench {

/// A bounded queue, many producers, one consumer. Constructed with the number of its producers.
///
/// Producer: one thread's handle, made from the queue and the producer's token.
///   try_push(sequence, kind)        one message; false when the queue is full
///   try_push_batch(sequence, n)     conditions with consecutive sequence numbers, a prefix of n;
///                                   returns how many
/// Consumer: the only one, made from the queue.
///   try_pop(Message&)               false when there is none
///   try_pop_batch(Message*, n)      returns how many
template <class Q>
concept Queue = requires(Q& queue, typename Q::Producer producer, typename Q::Consumer consumer,
                         uint64_t number, uint32_t n, Message* messages) {
    requires std::constructible_from<Q, uint32_t>;
    requires std::constructible_from<typename Q::Producer, Q&, uint64_t>;
    requires std::constructible_from<typename Q::Consumer, Q&>;
    { producer.try_push(number, n) } -> std::same_as<bool>;
    { producer.try_push_batch(number, n) } -> std::same_as<uint32_t>;
    { consumer.try_pop(*messages) } -> std::same_as<bool>;
    { consumer.try_pop_batch(messages, n) } -> std::same_as<uint32_t>;
};

/// try_push_batch() of a queue that can only push one by one.
template <class Producer>
uint32_t push_one_by_one(Producer& producer, uint64_t sequence, uint32_t n) {
    uint32_t pushed = 0;
    while (pushed < n && producer.try_push(sequence + pushed, pto::MSG_KIND_CONDITION)) {
        ++pushed;
    }
    return pushed;
}

/// try_pop_batch() of a queue that can only pop one by one.
template <class Consumer>
uint32_t pop_one_by_one(Consumer& consumer, Message* messages, uint32_t n) {
    uint32_t popped = 0;
    while (popped < n && consumer.try_pop(messages[popped])) {
        ++popped;
    }
    return popped;
}

/// The Queue of a type that has no handles and no bulk operations, and only
///   bool try_push(const Message&)
///   bool try_pop(Message&)
template <class Single>
class OneByOne {
  public:
    explicit OneByOne(uint32_t /*producers*/) {}

    class Producer {
      public:
        Producer(OneByOne& queue, uint64_t token) : single_(queue.single_), token_(token) {}

        bool try_push(uint64_t sequence, uint32_t kind) {
            return single_.try_push(make_message(token_, sequence, kind));
        }

        uint32_t try_push_batch(uint64_t sequence, uint32_t n) {
            return push_one_by_one(*this, sequence, n);
        }

      private:
        Single& single_;
        uint64_t token_;
    };

    class Consumer {
      public:
        explicit Consumer(OneByOne& queue) : single_(queue.single_) {}

        bool try_pop(Message& message) { return single_.try_pop(message); }

        uint32_t try_pop_batch(Message* messages, uint32_t n) {
            return pop_one_by_one(*this, messages, n);
        }

      private:
        Single& single_;
    };

  private:
    Single single_;
};

}  // namespace bench
