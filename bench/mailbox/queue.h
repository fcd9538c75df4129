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

}  // namespace bench
