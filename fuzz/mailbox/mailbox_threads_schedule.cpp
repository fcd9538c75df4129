// Decoding, describing and generating schedules for real threads; the layout is in the header.
#include "fuzz/mailbox/mailbox_threads_schedule.h"

#include <algorithm>
#include <random>

#include "fuzz/kit/arguments.h"
#include "fuzz/kit/describe.h"
#include "fuzz/kit/schedule_builder.h"
#include "fuzz/kit/start_ticket.h"

namespace fuzz {
namespace {

constexpr std::array<uint32_t, 16> capacities = {4, 8, 2,  1, 4, 16, 8, 2,
                                                 4, 1, 64, 2, 8, 4,  2, 4096};
constexpr uint8_t capacity_4 = 0;
constexpr uint8_t capacity_1 = 3;
constexpr uint8_t capacity_64 = 10;
constexpr uint8_t capacity_4096 = 15;

constexpr std::array<MailboxThreadsCall, 8> producer_calls = {
    MailboxThreadsCall::push_condition,
    MailboxThreadsCall::push_conditions,
    MailboxThreadsCall::push_condition_until_taken,
    MailboxThreadsCall::push_conditions_until_taken,
    MailboxThreadsCall::push_normal_done,
    MailboxThreadsCall::push_condition,
    MailboxThreadsCall::push_conditions,
    MailboxThreadsCall::has_pending,
};

constexpr std::array<MailboxThreadsCall, 8> producer_calls_with_registrations = {
    MailboxThreadsCall::push_condition,
    MailboxThreadsCall::push_conditions,
    MailboxThreadsCall::push_condition_until_taken,
    MailboxThreadsCall::push_conditions_until_taken,
    MailboxThreadsCall::push_normal_done,
    MailboxThreadsCall::push_registration,
    MailboxThreadsCall::push_registration_until_taken,
    MailboxThreadsCall::has_pending,
};

constexpr std::array<MailboxThreadsCall, 8> consumer_calls = {
    MailboxThreadsCall::pop,       MailboxThreadsCall::pop_batch,   MailboxThreadsCall::pop,
    MailboxThreadsCall::pop_batch, MailboxThreadsCall::pop,         MailboxThreadsCall::pop,
    MailboxThreadsCall::pop_batch, MailboxThreadsCall::has_pending,
};

constexpr std::array<MailboxThreadsCall, 8> consumer_calls_with_registrations = {
    MailboxThreadsCall::pop,     MailboxThreadsCall::pop_batch,   MailboxThreadsCall::pop,
    MailboxThreadsCall::consume, MailboxThreadsCall::pop,         MailboxThreadsCall::pop,
    MailboxThreadsCall::consume, MailboxThreadsCall::has_pending,
};

uint32_t decode_argument(MailboxThreadsCall call, uint8_t argument, uint32_t capacity) {
    switch (call) {
        case MailboxThreadsCall::push_registration:
            return decode_conditions(argument, capacity);
        case MailboxThreadsCall::push_registration_until_taken:
            return std::min(decode_conditions(argument, capacity), 2 * capacity - 1);
        default:
            return decode_burst(argument, capacity);
    }
}

uint32_t messages_offered(const MailboxThreadsOperation& operation) {
    switch (operation.call) {
        case MailboxThreadsCall::push_condition:
        case MailboxThreadsCall::push_normal_done:
        case MailboxThreadsCall::push_condition_until_taken:
            return 1;
        case MailboxThreadsCall::push_conditions:
        case MailboxThreadsCall::push_conditions_until_taken:
        case MailboxThreadsCall::push_registration:
        case MailboxThreadsCall::push_registration_until_taken:
            return operation.count;
        default:
            return 0;
    }
}

}  // namespace

void MailboxThreadsSchedule::decode(Bytes input, uint32_t only_capacity) {
    capacity = only_capacity != 0 ? only_capacity
                                  : capacities[format.header_byte(input, 1) % capacities.size()];
    first_ticket =
        start_ticket(format.header_byte(input, 2), format.header_byte(input, 3), capacity);
    const uint8_t shape = format.header_byte(input, 4);
    producers = 1 + (shape & 3u);
    consumers = 1 + (shape >> 2 & 1u);
    stamped = (shape >> 3 & 1u) == 0;
    const bool has_registrations = (shape >> 4 & 1u) != 0;
    const auto& of_producers =
        has_registrations ? producer_calls_with_registrations : producer_calls;
    const auto& of_consumers =
        has_registrations ? consumer_calls_with_registrations : consumer_calls;
    for (auto& list : lists) {
        list.clear();
    }
    MessageBudget budget;
    const size_t count = format.record_count(input);
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const record = format.record(input, i);
        const uint32_t thread = (record[0] & 7u) % threads();
        const size_t number = record[0] >> 3 & 7u;
        const MailboxThreadsCall call =
            thread < consumers ? of_consumers[number] : of_producers[number];
        const MailboxThreadsOperation operation = {call, static_cast<Pause>(record[0] >> 6),
                                                   decode_argument(call, record[1], capacity)};
        if (!budget.takes(messages_offered(operation))) {
            return;
        }
        lists[thread].push_back(operation);
    }
}

std::string describe(const MailboxThreadsOperation& operation) {
    const std::string pause = describe(operation.pause);
    const std::string count = std::to_string(operation.count);
    switch (operation.call) {
        case MailboxThreadsCall::push_condition:
            return pause + "push a condition";
        case MailboxThreadsCall::push_normal_done:
            return pause + "push a normal-done";
        case MailboxThreadsCall::push_conditions:
            return pause + "push " + count + " conditions in bulk";
        case MailboxThreadsCall::push_condition_until_taken:
            return pause + "push a condition until it is taken";
        case MailboxThreadsCall::push_conditions_until_taken:
            return pause + "push " + count + " conditions until all are taken";
        case MailboxThreadsCall::push_registration:
            return pause + "push a registration of " + count + " conditions";
        case MailboxThreadsCall::push_registration_until_taken:
            return pause + "push a registration of " + count + " conditions until it is taken";
        case MailboxThreadsCall::has_pending:
            return pause + "ask has_pending";
        case MailboxThreadsCall::pop:
            return pause + "pop";
        case MailboxThreadsCall::pop_batch:
            return pause + "pop a batch of up to " + count;
        case MailboxThreadsCall::consume:
            return pause + "consume up to " + count + " slots";
    }
    return {};
}

std::string thread_name(const MailboxThreadsSchedule& schedule, uint32_t thread) {
    return thread < schedule.consumers ? "consumer " + std::to_string(thread)
                                       : "producer " + std::to_string(thread - schedule.consumers);
}

std::string MailboxThreadsSchedule::describe() const {
    const std::string text = "capacity " + std::to_string(capacity) + ", first ticket " +
                             std::to_string(first_ticket) + ", " + std::to_string(producers) +
                             " producers, " + std::to_string(consumers) + " consumers, " +
                             (stamped ? "stamped" : "not stamped") + "\n";
    return text + describe_threads(*this);
}

std::string MailboxThreadsSchedule::describe(Bytes input) {
    MailboxThreadsSchedule schedule;
    schedule.decode(input);
    return schedule.describe();
}

namespace {

using Builder = ScheduleBuilder<MailboxThreadsSchedule>;

// Calls: bits 3-5 of a record's first byte, for producers and consumers.
enum Selector : uint8_t {
    bulk_or_batch = 1,
    single_until_taken_or_pop = 2,
    bulk_until_taken_or_batch = 3,
    normal_done_or_pop = 4,
    registration_or_pop = 5,
    registration_until_taken_or_consume = 6,
    has_pending = 7,
};
constexpr unsigned with_registrations = 1u << 4;

std::vector<uint8_t> random_of(Random& random, unsigned capacity, unsigned shape, size_t size) {
    return random_schedule(random, size, {{1, capacity}, {4, shape}});
}

}  // namespace

std::vector<Seed> MailboxThreadsSchedule::seeds() {
    std::vector<Seed> seeds;
    for (uint8_t shape = 0; shape < 16; ++shape) {
        const uint32_t threads = 2 + (shape & 3u) + (shape >> 2 & 1u);
        for (const uint8_t capacity : {capacity_1, capacity_4, capacity_64}) {
            Builder builder({capacity, shape % 3u, 9, shape});
            builder.add_rounds(threads, single_until_taken_or_pop, 3, 8)
                .add_rounds(threads, bulk_until_taken_or_batch, 7, 8)
                .add_rounds(threads, bulk_or_batch, 19, 4)
                .add_rounds(threads, normal_done_or_pop, 0, 2)
                .add_rounds(threads, has_pending, 0, 1);
            seeds.push_back({"rounds-" + std::to_string(shape) + "-" + std::to_string(capacity),
                             builder.bytes()});
        }
    }
    for (uint8_t shape = 0; shape < 16; ++shape) {
        const uint32_t threads = 2 + (shape & 3u) + (shape >> 2 & 1u);
        for (const uint8_t capacity : {capacity_1, capacity_4, capacity_64}) {
            Builder builder({capacity, shape % 3u, 9, shape | with_registrations});
            for (unsigned conditions = 0; conditions < 8; ++conditions) {
                builder.add_rounds(threads, registration_or_pop, conditions, 1)
                    .add_rounds(threads, registration_until_taken_or_consume, conditions, 1)
                    .add_rounds(threads, single_until_taken_or_pop, 0, 1);
            }
            builder.add_rounds(threads, registration_until_taken_or_consume, 63, 4)
                .add_rounds(threads, bulk_or_batch, 3, 2);
            seeds.push_back(
                {"registrations-" + std::to_string(shape) + "-" + std::to_string(capacity),
                 builder.bytes()});
        }
    }
    seeds.push_back(
        {"full-size",
         Builder({capacity_4096, 1, 100, 3}).add_rounds(5, bulk_or_batch, 255, 1).bytes()});
    Random random(2);
    for (const size_t size : {32u, 128u, 512u, 2048u, 4096u}) {
        for (const uint8_t shape : {uint8_t{1}, uint8_t{7}}) {
            seeds.push_back(
                {"random-" + std::to_string(size) + "-" + std::to_string(shape),
                 random_of(random, static_cast<unsigned>(size / 32 % 14), shape, size)});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes; one in 64 fills the full-size ring.
std::vector<Seed> MailboxThreadsSchedule::benchmark_inputs() {
    std::vector<Seed> inputs =
        random_benchmark_inputs(65, 126, [](Random& random, unsigned i, size_t size) {
            return random_of(random, i % capacity_4096, i % 16, size);
        });
    for (unsigned i = 0; i < 2; ++i) {
        inputs.push_back(
            {"full-size-" + std::to_string(i), Builder({capacity_4096, i, 100, 1})
                                                   .add_rounds(3, bulk_or_batch, 255, 1)
                                                   .add_rounds(3, single_until_taken_or_pop, 10, 4)
                                                   .bytes()});
    }
    return inputs;
}

}  // namespace fuzz
