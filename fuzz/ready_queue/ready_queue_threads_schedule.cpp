// Decoding, describing and generating schedules for real threads; the layout is in the header.
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"

#include <algorithm>
#include <random>

#include "fuzz/kit/arguments.h"
#include "fuzz/kit/describe.h"
#include "fuzz/kit/schedule_builder.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"

namespace fuzz {
namespace {

constexpr std::array<uint32_t, 16> capacities = {4, 8, 2,  1, 4, 16, 8, 2,
                                                 4, 1, 64, 2, 8, 4,  2, ready_capacity_max};
// Tickets begin again at 2^64, a slot's sequence word at half of that.
constexpr std::array<uint64_t, 4> first_tickets = {0, 0, ~uint64_t{0} - 5, (uint64_t{1} << 63) - 6};

constexpr uint8_t capacity_4 = 0;
constexpr uint8_t capacity_1 = 3;
constexpr uint8_t capacity_64 = 10;
constexpr uint8_t capacity_1024 = 15;

constexpr std::array<ReadyThreadsCall, 8> pusher_calls = {
    ReadyThreadsCall::push,
    ReadyThreadsCall::push_batch,
    ReadyThreadsCall::push_until_taken,
    ReadyThreadsCall::push_batch_until_taken,
    ReadyThreadsCall::push_in_steps,
    ReadyThreadsCall::push,
    ReadyThreadsCall::push_batch,
    ReadyThreadsCall::size,
};

constexpr std::array<ReadyThreadsCall, 8> popper_calls = {
    ReadyThreadsCall::pop,       ReadyThreadsCall::pop_batch,    ReadyThreadsCall::pop,
    ReadyThreadsCall::pop_batch, ReadyThreadsCall::pop_in_steps, ReadyThreadsCall::pop,
    ReadyThreadsCall::pop_batch, ReadyThreadsCall::size,
};

uint32_t decode_argument(ReadyThreadsCall call, uint8_t argument, uint32_t capacity) {
    switch (call) {
        case ReadyThreadsCall::push:
        case ReadyThreadsCall::push_until_taken:
        case ReadyThreadsCall::pop:
            return 1;
        case ReadyThreadsCall::size:
            return 0;
        default:
            return decode_burst(argument, capacity);
    }
}

uint32_t tasks_offered(const ReadyThreadsOperation& operation) {
    switch (operation.call) {
        case ReadyThreadsCall::push:
        case ReadyThreadsCall::push_batch:
        case ReadyThreadsCall::push_until_taken:
        case ReadyThreadsCall::push_batch_until_taken:
        case ReadyThreadsCall::push_in_steps:
            return operation.count;
        default:
            return 0;
    }
}

}  // namespace

void ReadyQueueThreadsSchedule::decode(Bytes input) {
    capacity = capacities[format.header_byte(input, 1) % capacities.size()];
    const uint8_t shape = format.header_byte(input, 2);
    pushers = 1 + (shape & 3u);
    poppers = 1 + (shape >> 2 & 3u);
    stamped = (shape >> 4 & 1u) == 0;
    first_ticket = first_tickets[shape >> 5 & 3u];
    for (auto& list : lists) {
        list.clear();
    }
    MessageBudget budget;
    const size_t count = format.record_count(input);
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const record = format.record(input, i);
        const uint32_t thread = (record[0] & 7u) % threads();
        const size_t selector = record[0] >> 3 & 7u;
        const ReadyThreadsCall call =
            thread < poppers ? popper_calls[selector] : pusher_calls[selector];
        lists[thread].push_back(
            {call, static_cast<Pause>(record[0] >> 6), decode_argument(call, record[1], capacity)});
        if (!budget.takes(tasks_offered(lists[thread].back()))) {
            lists[thread].pop_back();
            return;
        }
    }
}

std::string describe(const ReadyThreadsOperation& operation) {
    const std::string pause = describe(operation.pause);
    const std::string count = std::to_string(operation.count);
    switch (operation.call) {
        case ReadyThreadsCall::push:
            return pause + "push";
        case ReadyThreadsCall::push_batch:
            return pause + "push a batch of " + count;
        case ReadyThreadsCall::push_until_taken:
            return pause + "push until it is taken";
        case ReadyThreadsCall::push_batch_until_taken:
            return pause + "push " + count + " until all are taken";
        case ReadyThreadsCall::push_in_steps:
            return "begin a push of " + count + ", " + pause + "finish it";
        case ReadyThreadsCall::size:
            return pause + "ask size";
        case ReadyThreadsCall::pop:
            return pause + "pop";
        case ReadyThreadsCall::pop_batch:
            return pause + "pop a batch of up to " + count;
        case ReadyThreadsCall::pop_in_steps:
            return "begin a pop of up to " + count + ", " + pause + "finish it";
    }
    return {};
}

std::string thread_name(const ReadyQueueThreadsSchedule& schedule, uint32_t thread) {
    return thread < schedule.poppers ? "popper " + std::to_string(thread)
                                     : "pusher " + std::to_string(thread - schedule.poppers);
}

std::string ReadyQueueThreadsSchedule::describe(Bytes input) {
    ReadyQueueThreadsSchedule schedule;
    schedule.decode(input);
    const std::string text = "capacity " + std::to_string(schedule.capacity) + ", tickets from " +
                             std::to_string(schedule.first_ticket) + ", " +
                             std::to_string(schedule.pushers) + " pushers, " +
                             std::to_string(schedule.poppers) + " poppers, " +
                             (schedule.stamped ? "stamped" : "not stamped") + "\n";
    return text + describe_threads(schedule);
}

namespace {

// Calls: bits 3-5 of a record's first byte, for pushers and poppers.
enum Selector : uint8_t {
    push_or_pop,
    batch,
    until_taken_or_pop,
    batch_until_taken_or_batch,
    in_steps,
    size_of_both = 7,
};

using Builder = ScheduleBuilder<ReadyQueueThreadsSchedule>;

unsigned thread_count(uint8_t shape) { return 2 + (shape & 3u) + (shape >> 2 & 3u); }

std::vector<uint8_t> random_of(Random& random, unsigned capacity, unsigned shape, size_t size) {
    return random_schedule(random, size, {{1, capacity}, {2, shape}});
}

}  // namespace

std::vector<Seed> ReadyQueueThreadsSchedule::seeds() {
    std::vector<Seed> seeds;
    for (const uint8_t shape :
         std::to_array<uint8_t>({0, 1, 4, 5, 7, 10, 13, 15, 16, 21, 26, 31})) {
        const unsigned threads = thread_count(shape);
        for (const uint8_t capacity : {capacity_1, capacity_4, capacity_64}) {
            seeds.push_back({"rounds-" + std::to_string(shape) + "-" + std::to_string(capacity),
                             Builder({capacity, shape})
                                 .add_rounds(threads, until_taken_or_pop, 3, 8)
                                 .add_rounds(threads, batch_until_taken_or_batch, 7, 8)
                                 .add_rounds(threads, batch, 19, 4)
                                 .add_rounds(threads, in_steps, 3, 3, Pause::yield)
                                 .add_rounds(threads, size_of_both, 0, 1)
                                 .bytes()});
        }
    }
    for (const uint8_t shape : std::to_array<uint8_t>({3, 5, 12, 15})) {
        const unsigned threads = thread_count(shape);
        seeds.push_back(
            {"largest-" + std::to_string(shape),
             Builder({capacity_1024, shape}).add_rounds(threads, batch, 255, 1).bytes()});
        seeds.push_back({"standing-still-" + std::to_string(shape),
                         Builder({capacity_4, shape})
                             .add_rounds(threads, in_steps, 3, 4, Pause::long_spin)
                             .add_rounds(threads, push_or_pop, 0, 2)
                             .add_rounds(threads, in_steps, 1, 8, Pause::yield)
                             .bytes()});
    }
    Random random(4);
    for (const size_t size : {32u, 128u, 512u, 2048u, 4096u}) {
        for (const uint8_t shape : {uint8_t{5}, uint8_t{15}}) {
            seeds.push_back(
                {"random-" + std::to_string(size) + "-" + std::to_string(shape),
                 random_of(random, static_cast<unsigned>(size / 32 % 14), shape, size)});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes; one in 64 fills the largest queue.
std::vector<Seed> ReadyQueueThreadsSchedule::benchmark_inputs() {
    std::vector<Seed> inputs =
        random_benchmark_inputs(67, 126, [](Random& random, unsigned i, size_t size) {
            return random_of(random, i % capacity_1024, i % 32, size);
        });
    for (unsigned i = 0; i < 2; ++i) {
        const uint8_t shape = i == 0 ? 1 : 5;
        inputs.push_back({"largest-" + std::to_string(i),
                          Builder({capacity_1024, shape})
                              .add_rounds(thread_count(shape), batch, 255, 1)
                              .add_rounds(thread_count(shape), until_taken_or_pop, 10, 4)
                              .bytes()});
    }
    return inputs;
}

}  // namespace fuzz
