// Decoding and describing ready-queue schedules; the byte layout is in the header.
#include "fuzz/ready_queue/ready_queue_step_schedule.h"

#include <array>

#include "fuzz/kit/arguments.h"
#include "fuzz/kit/describe.h"

namespace fuzz {
namespace {

// Small queues reach every state with few operations; the largest costs a hundred times as much, so
// random bytes choose it once in 32.
constexpr std::array<uint32_t, 32> capacities = {
    4, 8, 2,  16, 1, 8, 4, 64, 4,  2, 8, 1, 4, 16, 2, 8,
    4, 1, 64, 2,  4, 8, 2, 4,  16, 8, 1, 4, 2, 8,  4, ready_capacity_max};

// The queue's sequence words are twice a ticket, and begin again at half of the tickets.
constexpr std::array<uint64_t, 8> first_tickets = {
    0, 0, 0, 0, ~uint64_t{0}, ~uint64_t{0} - 5, (uint64_t{1} << 63) - 1, (uint64_t{1} << 63) - 6};

constexpr std::array<ReadyQueueCall, 16> calls = {
    ReadyQueueCall::push,       ReadyQueueCall::pop,  ReadyQueueCall::push_batch,
    ReadyQueueCall::pop_batch,  ReadyQueueCall::put,  ReadyQueueCall::take,
    ReadyQueueCall::claim_push, ReadyQueueCall::size, ReadyQueueCall::claim_pop,
    ReadyQueueCall::push,       ReadyQueueCall::pop,  ReadyQueueCall::push_batch,
    ReadyQueueCall::pop_batch,  ReadyQueueCall::put,  ReadyQueueCall::take,
    ReadyQueueCall::put,
};

ReadyQueueOperation decode_operation(const uint8_t* record, uint32_t capacity) {
    const ReadyQueueCall call = calls[record[0] % calls.size()];
    switch (call) {
        case ReadyQueueCall::push:
        case ReadyQueueCall::pop:
        case ReadyQueueCall::put:
        case ReadyQueueCall::take:
            return {call, decode_repetitions(record[0]), record[1]};
        case ReadyQueueCall::push_batch:
        case ReadyQueueCall::pop_batch:
        case ReadyQueueCall::claim_push:
        case ReadyQueueCall::claim_pop:
            return {call, 1, decode_count(record[1], capacity)};
        case ReadyQueueCall::size:
            break;
    }
    return {call, 1, 0};
}

uint32_t tasks_offered(const ReadyQueueOperation& operation) {
    switch (operation.call) {
        case ReadyQueueCall::push:
            return operation.repetitions;
        case ReadyQueueCall::push_batch:
        case ReadyQueueCall::claim_push:
            return operation.count;
        default:
            return 0;
    }
}

}  // namespace

void ReadyQueueStepSchedule::decode(Bytes input) {
    capacity = capacities[format.header_byte(input, 1) % capacities.size()];
    first_ticket = first_tickets[format.header_byte(input, 1) / capacities.size()];
    const size_t count = format.record_count(input);
    MessageBudget budget;
    operations.clear();
    for (size_t i = 0; i < count; ++i) {
        operations.push_back(decode_operation(format.record(input, i), capacity));
        if (!budget.takes(tasks_offered(operations.back()))) {
            operations.pop_back();
            return;
        }
    }
}

std::string describe(const ReadyQueueOperation& operation) {
    const std::string count = std::to_string(operation.count);
    const auto times = [&](const std::string& call) {
        return describe_times(call, operation.repetitions);
    };
    switch (operation.call) {
        case ReadyQueueCall::push:
            return times("push");
        case ReadyQueueCall::push_batch:
            return "push a batch of " + count;
        case ReadyQueueCall::pop:
            return times("pop");
        case ReadyQueueCall::pop_batch:
            return "pop a batch of up to " + count;
        case ReadyQueueCall::claim_push:
            return "begin a push of " + count + " and stop";
        case ReadyQueueCall::put:
            return times("put to unfinished push number " + count);
        case ReadyQueueCall::claim_pop:
            return "begin a pop of up to " + count + " and stop";
        case ReadyQueueCall::take:
            return times("take from unfinished pop number " + count);
        case ReadyQueueCall::size:
            return "ask size";
    }
    return {};
}

std::string ReadyQueueStepSchedule::describe(Bytes input) {
    ReadyQueueStepSchedule schedule;
    schedule.decode(input);
    const std::string text = "capacity " + std::to_string(schedule.capacity) + ", tickets from " +
                             std::to_string(schedule.first_ticket) + ", " +
                             std::to_string(schedule.operations.size()) + " operations\n";
    return text + describe_list(schedule.operations);
}

}  // namespace fuzz
