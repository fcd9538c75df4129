// The cases: how messages are pushed through a queue, and what of that is timed.
//
// Every case checks each message that arrives. A lost, repeated or invented one ends the benchmark
// with an error; one that overtook another of its own producer sets the counter `overtaken`.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "bench/mailbox/queue.h"
#include "bench/mailbox/registry.h"
#include "bench/mailbox/threads.h"

namespace bench {

inline constexpr int64_t uncontended_pairs = 100'000;
inline constexpr uint64_t round_trips = 20'000;
inline constexpr uint64_t bursts = 2'000;
inline constexpr uint64_t stream_messages = 200'000;
/// A stream ends early after this long: some queues need a time slice for every message.
inline constexpr std::chrono::milliseconds stream_time_max{200};
/// Messages that pass through a queue before anything is timed: each slot was used twice.
inline constexpr uint64_t warm_up_messages = 2 * capacity;
/// A producer times one push in this many, so that reading the clock hardly slows the stream.
inline constexpr uint64_t latency_stride = 32;

inline void report(benchmark::State& state, const StreamChecker& checker,
                   const std::vector<uint64_t>& pushed) {
    try {
        checker.finish(pushed);
    } catch (const std::exception& error) {
        state.SkipWithError(error.what());
    }
    state.counters["overtaken"] += checker.in_order() ? 0 : 1;
}

/// Pushes until the queue takes the message.
template <class Producer>
void push(Producer& producer, uint64_t sequence, uint32_t kind) {
    Patience patience;
    while (!producer.try_push(sequence, kind)) {
        patience.wait();
    }
}

/// Pushes until the queue has taken `n` conditions.
template <class Producer>
void push_batch(Producer& producer, uint64_t sequence, uint32_t n) {
    Patience patience;
    for (uint32_t pushed = 0; pushed < n;) {
        const uint32_t taken = producer.try_push_batch(sequence + pushed, n - pushed);
        pushed += taken;
        if (taken == 0) {
            patience.wait();
        }
    }
}

/// Takes what is there, at most `n` messages, one pop for each or all in one, and checks it.
template <class Consumer>
uint64_t pop_some(Consumer& consumer, uint64_t n, bool in_batches, StreamChecker& checker) {
    std::array<Message, messages_per_burst> messages;
    const uint64_t batch = in_batches ? messages.size() : 1;
    const uint32_t wanted = static_cast<uint32_t>(std::min(batch, n));
    const uint32_t taken = in_batches ? consumer.try_pop_batch(messages.data(), wanted)
                                      : uint32_t{consumer.try_pop(messages[0])};
    checker.accept({messages.data(), taken});
    return taken;
}

/// Takes exactly `n` messages.
template <class Consumer>
void pop(Consumer& consumer, uint64_t n, bool in_batches, StreamChecker& checker) {
    Patience patience;
    for (uint64_t popped = 0; popped < n;) {
        const uint64_t taken = pop_some(consumer, n - popped, in_batches, checker);
        popped += taken;
        if (taken == 0) {
            patience.wait();
        } else {
            patience.restart();
        }
    }
}

/// Passes messages through the queue on one thread, so that all of its memory has been used.
template <class Producer, class Consumer>
void warm_up(Producer& producer, Consumer& consumer, uint64_t messages, StreamChecker& checker) {
    for (uint64_t i = 0; i < messages; ++i) {
        push(producer, i, pto::MSG_KIND_CONDITION);
        pop(consumer, 1, /*in_batches=*/false, checker);
    }
}

/// A push and a pop that the compiler sees one at a time, as it would in a runtime: fused in one
/// loop, a message can pass from one to the other in registers.
template <class Producer>
[[gnu::noinline]] bool push_apart(Producer& producer, uint64_t sequence, uint32_t kind) {
    return producer.try_push(sequence, kind);
}
template <class Consumer>
[[gnu::noinline]] bool pop_apart(Consumer& consumer, Message& message) {
    return consumer.try_pop(message);
}

/// One thread pushes a message and pops it.
template <Queue Q>
void uncontended(benchmark::State& state) {
    const auto queue = std::make_unique<Q>(1);
    typename Q::Producer producer(*queue, 0);
    typename Q::Consumer consumer(*queue);
    StreamChecker checker(1);
    warm_up(producer, consumer, warm_up_messages, checker);
    uint64_t sequence = warm_up_messages;
    Message message;
    for (auto _ : state) {
        push_apart(producer, sequence++, pto::MSG_KIND_CONDITION);
        if (pop_apart(consumer, message)) {
            checker.accept({&message, 1});
        }
    }
    state.SetItemsProcessed(state.iterations());
    report(state, checker, {sequence});
}

/// Two threads and two queues: a message there and one back.
template <Queue Q>
void round_trip(benchmark::State& state) {
    constexpr uint64_t total = round_trips + warm_up_messages;
    for (auto _ : state) {
        const auto there = std::make_unique<Q>(1);
        const auto back = std::make_unique<Q>(1);
        StreamChecker checker_there(1);
        StreamChecker checker_back(1);
        std::thread partner([&] {
            const PinnedTo processor(1);
            typename Q::Consumer consumer(*there);
            typename Q::Producer producer(*back, 0);
            for (uint64_t i = 0; i < total; ++i) {
                pop(consumer, 1, /*in_batches=*/false, checker_there);
                push(producer, i, pto::MSG_KIND_CONDITION);
            }
        });
        const PinnedTo processor(0);
        typename Q::Producer producer(*there, 0);
        typename Q::Consumer consumer(*back);
        Clock::time_point start;
        for (uint64_t i = 0; i < total; ++i) {
            if (i == warm_up_messages) {
                start = Clock::now();
            }
            push(producer, i, pto::MSG_KIND_CONDITION);
            pop(consumer, 1, /*in_batches=*/false, checker_back);
        }
        state.SetIterationTime(seconds_between(start, Clock::now()));
        partner.join();
        report(state, checker_there, {total});
        report(state, checker_back, {total});
    }
    state.SetItemsProcessed(static_cast<int64_t>(round_trips));
}

/// What a stream of messages looks like.
struct StreamShape {
    uint32_t producers;
    bool is_pinned;       ///< producer and consumer on a processor each, or all as the system likes
    bool pushes_batches;  ///< of a task's conditions, or one message after another
    bool pops_batches;
    bool times_pushes;
};

/// One producer of a stream.
struct StreamProducer {
    std::thread thread;
    uint64_t pushed = 0;
    std::vector<uint32_t> latencies_ns;
};

/// Pushes up to `count` messages from sequence number `first` on, until told to stop.
template <StreamShape Shape, class Producer>
void produce(Producer& producer, uint64_t first, uint64_t count, const std::atomic<bool>& stop,
             StreamProducer& record) {
    const uint64_t end = first + count;
    uint64_t i = first;
    // Relaxed: the flag carries nothing.
    while (i < end && !stop.load(std::memory_order_relaxed)) {
        if constexpr (Shape.pushes_batches) {
            const auto n = std::min<uint64_t>(conditions_per_task, end - i);
            push_batch(producer, i, static_cast<uint32_t>(n));
            i += n;
        } else if (Shape.times_pushes && i % latency_stride == 0) {
            const auto start = Clock::now();
            push(producer, i++, pto::MSG_KIND_CONDITION);
            record.latencies_ns.push_back(
                static_cast<uint32_t>(seconds_between(start, Clock::now()) * 1e9));
        } else {
            push(producer, i++, pto::MSG_KIND_CONDITION);
        }
    }
    record.pushed = i;
}

/// The smallest latency that `share` of the samples do not exceed. Reorders the samples.
inline double percentile(std::vector<uint32_t>& samples, double share) {
    const auto rank = static_cast<ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
    std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
    return samples[static_cast<size_t>(rank)];
}

inline void report_latencies(benchmark::State& state, std::vector<StreamProducer>& producers) {
    std::vector<uint32_t> samples;
    for (const StreamProducer& producer : producers) {
        samples.insert(samples.end(), producer.latencies_ns.begin(), producer.latencies_ns.end());
    }
    if (!samples.empty()) {
        state.counters["push_p50_ns"] = percentile(samples, 0.5);
        state.counters["push_p99_ns"] = percentile(samples, 0.99);
        state.counters["push_p999_ns"] = percentile(samples, 0.999);
    }
}

/// Takes a stream until `total` messages have come or the time is over; returns how many came.
template <bool InBatches, class Consumer>
uint64_t consume_stream(Consumer& consumer, uint64_t total, Clock::time_point end,
                        StreamChecker& checker) {
    constexpr uint64_t pops_between_looks = 256;
    Patience patience;
    uint64_t popped = 0;
    for (uint64_t pops = 0; popped < total; ++pops) {
        const uint64_t taken = pop_some(consumer, total - popped, InBatches, checker);
        popped += taken;
        if (taken != 0) {
            patience.restart();
        } else {
            patience.wait();
        }
        if (pops % pops_between_looks == 0 && Clock::now() > end) {
            break;
        }
    }
    return popped;
}

/// Producers that push as fast as they can, and a consumer that keeps up as well as it can.
template <Queue Q, StreamShape Shape>
void stream(benchmark::State& state) {
    constexpr uint64_t per_producer = stream_messages / Shape.producers;
    for (auto _ : state) {
        const auto queue = std::make_unique<Q>(Shape.producers);
        typename Q::Consumer consumer(*queue);
        StreamChecker checker(Shape.producers);
        StartingGate gate(Shape.producers + 1);
        std::atomic<bool> stop = false;
        std::atomic<uint32_t> running = Shape.producers;
        std::vector<StreamProducer> producers(Shape.producers);
        for (uint32_t id = 0; id < Shape.producers; ++id) {
            producers[id].latencies_ns.reserve(per_producer / latency_stride + 1);
            producers[id].thread = std::thread([&, id] {
                const PinnedTo processor(Shape.is_pinned ? 1 : PinnedTo::nowhere);
                typename Q::Producer producer(*queue, id);
                const uint64_t first = id == 0 ? warm_up_messages : 0;
                if (id == 0) {
                    warm_up(producer, consumer, first, checker);
                }
                gate.arrive_and_wait();
                produce<Shape>(producer, first, per_producer, stop, producers[id]);
                // Release: pairs with the acquire load below; its last push is visible.
                running.fetch_sub(1, std::memory_order_release);
            });
        }
        const PinnedTo processor(Shape.is_pinned ? 0 : PinnedTo::nowhere);
        gate.arrive_and_wait();
        const auto start = Clock::now();
        const uint64_t popped = consume_stream<Shape.pops_batches>(
            consumer, per_producer * Shape.producers, start + stream_time_max, checker);
        state.SetIterationTime(seconds_between(start, Clock::now()));
        state.SetItemsProcessed(static_cast<int64_t>(popped));

        stop.store(true, std::memory_order_relaxed);
        bool are_done = false;
        while (pop_some(consumer, capacity, Shape.pops_batches, checker) != 0 || !are_done) {
            are_done = running.load(std::memory_order_acquire) == 0;
            std::this_thread::yield();
        }
        std::vector<uint64_t> pushed;
        for (StreamProducer& producer : producers) {
            producer.thread.join();
            pushed.push_back(producer.pushed);
        }
        report_latencies(state, producers);
        report(state, checker, pushed);
    }
}

/// Whole tasks: 64 conditions and a NORMAL_DONE are handed over, and the consumer's word that it
/// has them all comes back through a flag before the next task.
template <Queue Q, bool Bulk>
void burst(benchmark::State& state) {
    constexpr uint64_t warm_up_bursts = warm_up_messages / messages_per_burst;
    constexpr uint64_t total = bursts + warm_up_bursts;
    for (auto _ : state) {
        const auto queue = std::make_unique<Q>(1);
        StreamChecker checker(1);
        alignas(64) std::atomic<uint64_t> received = 0;
        std::thread thread([&] {
            const PinnedTo processor(1);
            typename Q::Consumer consumer(*queue);
            for (uint64_t i = 0; i < total; ++i) {
                pop(consumer, messages_per_burst, /*in_batches=*/Bulk, checker);
                // Release: pairs with the acquire load below; the queue is empty for the producer.
                received.store(i + 1, std::memory_order_release);
            }
        });
        const PinnedTo processor(0);
        typename Q::Producer producer(*queue, 0);
        Clock::time_point start;
        for (uint64_t i = 0; i < total; ++i) {
            if (i == warm_up_bursts) {
                start = Clock::now();
            }
            const uint64_t sequence = i * messages_per_burst;
            if constexpr (Bulk) {
                push_batch(producer, sequence, conditions_per_task);
            } else {
                for (uint32_t c = 0; c < conditions_per_task; ++c) {
                    push(producer, sequence + c, pto::MSG_KIND_CONDITION);
                }
            }
            push(producer, sequence + conditions_per_task, pto::MSG_KIND_TASK_NORMAL_DONE);
            Patience patience;
            while (received.load(std::memory_order_acquire) != i + 1) {
                patience.wait();
            }
        }
        state.SetIterationTime(seconds_between(start, Clock::now()));
        thread.join();
        report(state, checker, {total * messages_per_burst});
    }
    state.SetItemsProcessed(static_cast<int64_t>(bursts));
}

/// Registers every case for a queue; a file that defines a queue has one object of this type.
template <Queue Q>
struct AllCases {
    explicit AllCases(const char* queue) {
        const auto timed = [queue](const char* name, void (*run)(benchmark::State&)) {
            cells().push_back({name, queue, run, 1, true});
        };
        constexpr StreamShape single{.producers = 1, .is_pinned = true};
        constexpr StreamShape batch{
            .producers = 1, .is_pinned = true, .pushes_batches = true, .pops_batches = true};
        constexpr auto crowd = [](uint32_t producers) {
            return StreamShape{.producers = producers, .times_pushes = true};
        };
        cells().push_back({"uncontended", queue, uncontended<Q>, uncontended_pairs, false});
        timed("round_trip", round_trip<Q>);
        timed("spsc_single", stream<Q, single>);
        timed("spsc_batch", stream<Q, batch>);
        timed("producers_2", stream<Q, crowd(2)>);
        timed("producers_4", stream<Q, crowd(4)>);
        timed("producers_8", stream<Q, crowd(8)>);
        timed("burst_single", burst<Q, false>);
        timed("burst_bulk", burst<Q, true>);
    }
};

}  // namespace bench
