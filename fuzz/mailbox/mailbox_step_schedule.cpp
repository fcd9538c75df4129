// Decoding and describing mailbox schedules; the byte layout is in the header.
#include "fuzz/mailbox/mailbox_step_schedule.h"

#include <array>

#include "fuzz/kit/arguments.h"
#include "fuzz/kit/describe.h"
#include "fuzz/kit/start_ticket.h"

namespace fuzz {
namespace {

// Small rings reach every state with few operations; the full-size one costs a hundred times as
// much, so random bytes choose it once in 32.
constexpr std::array<uint32_t, 32> capacities = {4,  8, 4, 16, 2, 8,  1, 64, 4,   8,   2,
                                                 16, 4, 8, 64, 1, 16, 4, 8,  256, 2,   4,
                                                 16, 8, 1, 4,  2, 64, 8, 16, 4,   4096};

constexpr std::array<MailboxCall, 16> calls = {
    MailboxCall::push_condition,
    MailboxCall::pop,
    MailboxCall::push_conditions,
    MailboxCall::pop_batch,
    MailboxCall::claim,
    MailboxCall::publish,
    MailboxCall::push_normal_done,
    MailboxCall::has_pending,
    MailboxCall::restart,
    MailboxCall::reset,
    MailboxCall::push_condition,
    MailboxCall::pop,
    MailboxCall::push_conditions,
    MailboxCall::consume,
    MailboxCall::publish,
    MailboxCall::push_registration,
};

MailboxOperation decode_operation(const uint8_t* record, uint32_t capacity) {
    const MailboxCall call = calls[record[0] % calls.size()];
    MailboxOperation operation{call, 1, record[1], 0};
    switch (call) {
        case MailboxCall::push_condition:
        case MailboxCall::push_normal_done:
        case MailboxCall::pop:
            operation.repetitions = decode_repetitions(record[0]);
            break;
        case MailboxCall::push_conditions:
        case MailboxCall::claim:
        case MailboxCall::pop_batch:
        case MailboxCall::consume:
            operation.count = decode_count(record[1], capacity);
            break;
        case MailboxCall::push_registration:
            operation.count = decode_conditions(record[1], capacity);
            break;
        case MailboxCall::reset:
            operation.first_ticket =
                start_ticket(static_cast<uint8_t>(record[0] >> 4), record[1], capacity);
            break;
        case MailboxCall::publish:
        case MailboxCall::has_pending:
        case MailboxCall::restart:
            break;
    }
    return operation;
}

uint32_t messages_offered(const MailboxOperation& operation) {
    switch (operation.call) {
        case MailboxCall::push_condition:
        case MailboxCall::push_normal_done:
            return operation.repetitions;
        case MailboxCall::push_conditions:
        case MailboxCall::push_registration:
        case MailboxCall::claim:
            return operation.count;
        default:
            return 0;
    }
}

}  // namespace

void MailboxStepSchedule::decode(Bytes input, uint32_t only_capacity) {
    capacity = only_capacity != 0 ? only_capacity
                                  : capacities[format.header_byte(input, 1) % capacities.size()];
    first_ticket =
        start_ticket(format.header_byte(input, 2), format.header_byte(input, 3), capacity);
    const size_t count = format.record_count(input);
    MessageBudget budget;
    operations.clear();
    for (size_t i = 0; i < count; ++i) {
        operations.push_back(decode_operation(format.record(input, i), capacity));
        if (!budget.takes(messages_offered(operations.back()))) {
            operations.pop_back();
            return;
        }
    }
}

std::string describe(const MailboxOperation& operation) {
    const auto times = [&](const std::string& call) {
        return describe_times(call, operation.repetitions);
    };
    const std::string count = std::to_string(operation.count);
    switch (operation.call) {
        case MailboxCall::push_condition:
            return times("push a condition");
        case MailboxCall::push_normal_done:
            return times("push a normal-done");
        case MailboxCall::push_conditions:
            return "push " + count + " conditions in bulk";
        case MailboxCall::push_registration:
            return "push a registration of " + count + " conditions";
        case MailboxCall::claim:
            return "claim " + count + " tickets and leave them unpublished";
        case MailboxCall::publish:
            return "publish unpublished ticket number " + count;
        case MailboxCall::pop:
            return times("pop");
        case MailboxCall::pop_batch:
            return "pop a batch of up to " + count;
        case MailboxCall::consume:
            return "consume up to " + count + " slots";
        case MailboxCall::has_pending:
            return "ask has_pending";
        case MailboxCall::restart:
            return "restart (tail := head)";
        case MailboxCall::reset:
            return "reset to ticket " + std::to_string(operation.first_ticket);
    }
    return {};
}

std::string MailboxStepSchedule::describe() const {
    const std::string text = "capacity " + std::to_string(capacity) + ", first ticket " +
                             std::to_string(first_ticket) + ", " +
                             std::to_string(operations.size()) + " operations\n";
    return text + describe_list(operations);
}

std::string MailboxStepSchedule::describe(Bytes input) {
    MailboxStepSchedule schedule;
    schedule.decode(input);
    return schedule.describe();
}

}  // namespace fuzz
