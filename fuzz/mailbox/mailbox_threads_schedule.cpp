// Decoding, describing and generating schedules for real threads; the layout is in the header.
#include "fuzz/mailbox/mailbox_threads_schedule.h"

#include <algorithm>
#include <random>

#include "fuzz/kit/arguments.h"
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

constexpr std::array<MailboxThreadsCall, 8> consumer_calls = {
    MailboxThreadsCall::pop, MailboxThreadsCall::pop_batch, MailboxThreadsCall::pop,       MailboxThreadsCall::pop_batch,
    MailboxThreadsCall::pop, MailboxThreadsCall::pop,       MailboxThreadsCall::pop_batch, MailboxThreadsCall::has_pending,
};

uint32_t messages_offered(const MailboxThreadsOperation& operation) {
    switch (operation.call) {
        case MailboxThreadsCall::push_condition:
        case MailboxThreadsCall::push_normal_done:
        case MailboxThreadsCall::push_condition_until_taken:
            return 1;
        case MailboxThreadsCall::push_conditions:
        case MailboxThreadsCall::push_conditions_until_taken:
            return operation.count;
        default:
            return 0;
    }
}

}  // namespace

void MailboxThreadsSchedule::decode(Bytes input) {
    capacity = capacities[format.header_byte(input, 1) % capacities.size()];
    first_ticket =
        start_ticket(format.header_byte(input, 2), format.header_byte(input, 3), capacity);
    const uint8_t shape = format.header_byte(input, 4);
    producers = 1 + (shape & 3u);
    consumers = 1 + (shape >> 2 & 1u);
    stamped = (shape >> 3 & 1u) == 0;
    for (auto& list : lists) {
        list.clear();
    }
    uint64_t offered = 0;
    const size_t count = format.record_count(input.size());
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const record = format.record(input, i);
        const uint32_t thread = (record[0] & 7u) % threads();
        const size_t call = record[0] >> 3 & 7u;
        const MailboxThreadsOperation operation = {
            thread < consumers ? consumer_calls[call] : producer_calls[call],
            static_cast<Pause>(record[0] >> 6), decode_burst(record[1], capacity)};
        offered += messages_offered(operation);
        if (offered > schedule_messages_max) {
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
        case MailboxThreadsCall::has_pending:
            return pause + "ask has_pending";
        case MailboxThreadsCall::pop:
            return pause + "pop";
        case MailboxThreadsCall::pop_batch:
            return pause + "pop a batch of up to " + count;
    }
    return {};
}

std::string thread_name(const MailboxThreadsSchedule& schedule, uint32_t thread) {
    return thread < schedule.consumers ? "consumer " + std::to_string(thread)
                                       : "producer " + std::to_string(thread - schedule.consumers);
}

std::string MailboxThreadsSchedule::describe(Bytes input) {
    MailboxThreadsSchedule schedule;
    schedule.decode(input);
    std::string text = "capacity " + std::to_string(schedule.capacity) + ", first ticket " +
                       std::to_string(schedule.first_ticket) + ", " +
                       std::to_string(schedule.producers) + " producers, " +
                       std::to_string(schedule.consumers) + " consumers, " +
                       (schedule.stamped ? "stamped" : "not stamped") + "\n";
    for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
        text += thread_name(schedule, thread) + "\n";
        for (size_t i = 0; i < schedule.lists[thread].size(); ++i) {
            text +=
                "  " + std::to_string(i) + "  " + fuzz::describe(schedule.lists[thread][i]) + "\n";
        }
    }
    return text;
}

namespace {

std::vector<uint8_t> header(uint8_t capacity, uint8_t start, uint8_t distance, uint8_t shape) {
    return {format_version, capacity, start, distance, shape};
}

/// `rounds` records for each thread in turn, all with the same call.
void add_rounds(std::vector<uint8_t>& bytes, uint32_t threads, uint32_t call, uint8_t argument,
                size_t rounds) {
    for (size_t round = 0; round < rounds; ++round) {
        for (uint32_t thread = 0; thread < threads; ++thread) {
            bytes.push_back(static_cast<uint8_t>(call << 3 | thread));
            bytes.push_back(argument);
        }
    }
}

std::vector<uint8_t> random_schedule(std::minstd_rand& random, uint8_t capacity, uint8_t shape,
                                     size_t size) {
    std::vector<uint8_t> bytes(size);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<uint8_t>(random() >> 8); });
    bytes[0] = format_version;
    bytes[1] = capacity;
    bytes[4] = shape;
    return bytes;
}

}  // namespace

std::vector<Seed> MailboxThreadsSchedule::seeds() {
    std::vector<Seed> seeds;
    for (uint8_t shape = 0; shape < 16; ++shape) {
        const uint32_t threads = 2 + (shape & 3u) + (shape >> 2 & 1u);
        for (const uint8_t capacity : {capacity_1, capacity_4, capacity_64}) {
            std::vector<uint8_t> bytes = header(capacity, shape % 3, 9, shape);
            add_rounds(bytes, threads, 2, 3, 8);   // single pushes until taken; pops
            add_rounds(bytes, threads, 3, 7, 8);   // bulk pushes until taken; batch pops
            add_rounds(bytes, threads, 1, 19, 4);  // bulk pushes, cut short
            add_rounds(bytes, threads, 4, 0, 2);   // normal-dones
            add_rounds(bytes, threads, 7, 0, 1);   // has_pending
            seeds.push_back({"rounds-" + std::to_string(shape) + "-" + std::to_string(capacity),
                             std::move(bytes)});
        }
    }
    std::vector<uint8_t> full = header(capacity_4096, 1, 100, 3);
    add_rounds(full, 5, 1, 255, 1);
    seeds.push_back({"full-size", std::move(full)});
    std::minstd_rand random(2);
    for (const size_t size : {32u, 128u, 512u, 2048u, 4096u}) {
        for (const uint8_t shape : {uint8_t{1}, uint8_t{7}}) {
            seeds.push_back(
                {"random-" + std::to_string(size) + "-" + std::to_string(shape),
                 random_schedule(random, static_cast<uint8_t>(size / 32 % 14), shape, size)});
        }
    }
    return seeds;
}

// 128 inputs around 64 bytes; one in 64 fills the full-size ring.
std::vector<Seed> MailboxThreadsSchedule::benchmark_inputs() {
    std::vector<Seed> inputs;
    std::minstd_rand random(65);
    for (size_t i = 0; i < 126; ++i) {
        const size_t size = i % 16 == 15 ? 256 + 64 * (i / 16 % 4) : 28 + 8 * (i % 10);
        inputs.push_back({"random-" + std::to_string(i),
                          random_schedule(random, static_cast<uint8_t>(i % capacity_4096),
                                          static_cast<uint8_t>(i % 16), size)});
    }
    for (uint8_t i = 0; i < 2; ++i) {
        std::vector<uint8_t> bytes = header(capacity_4096, i, 100, 1);
        add_rounds(bytes, 3, 1, 255, 1);
        add_rounds(bytes, 3, 2, 10, 4);
        inputs.push_back({"full-size-" + std::to_string(i), std::move(bytes)});
    }
    return inputs;
}

}  // namespace fuzz
