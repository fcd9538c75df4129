// Decoding and describing wait list schedules; the byte layout is in the header.
#include "fuzz/wait_list/wait_list_step_schedule.h"

#include <array>

#include "fuzz/kit/describe.h"
#include "fuzz/kit/start_ticket.h"
#include "src/runtime/aicore_completion_mailbox_types.h"

namespace fuzz {
namespace {

using Call = WaitListCall;

// What ends a run (malformed messages, failing conditions) is rare, so that random schedules reach
// more before it.
constexpr std::array<Call, 32> calls = {
    Call::poll,
    Call::push_condition,
    Call::push_normal_done,
    Call::set_counter,
    Call::push_conditions,
    Call::drain,
    Call::drain_with_sink,
    Call::push_for_each_task,
    Call::push_normal_dones,
    Call::set_record,
    Call::poll_without_scheduler,
    Call::poll_while_busy,
    Call::leave_gap,
    Call::fill_gap,
    Call::flush_releases,
    Call::start_over,
    Call::push_unknown_kind,
    Call::complete_elsewhere,
    Call::poll,
    Call::poll,
    Call::push_condition,
    Call::push_condition,
    Call::push_condition,
    Call::push_normal_done,
    Call::push_normal_done,
    Call::push_conditions,
    Call::set_counter,
    Call::set_counter,
    Call::set_record,
    Call::fill_gap,
    Call::start_over,
    Call::drain_with_sink,
};

constexpr std::array<int32_t, 6> release_capacities = {256, 0, 1, 2, 3, 64};
constexpr std::array<uint32_t, 16> values = {0, 1, 2, 3, 4, 5,          6,          7,
                                             1, 1, 1, 2, 2, 0x7fffffff, 0x80000000, 0xffffffff};
// Other values at the same place, so that a backend that compares the wrong ones shows.
constexpr std::array<uint64_t, 16> cookies = {
    1, 2, 1, 3, 2, 0, uint64_t{1} << 32,          (uint64_t{1} << 32) + 1,
    1, 1, 2, 1, 2, 5, uint64_t{0x80000000} << 32, ~uint64_t{0}};
constexpr std::array<uint64_t, 16> record_values = {
    0, 1, 2, 3, 4, 5, uint64_t{1} << 32,          (uint64_t{1} << 32) + 1,
    1, 1, 2, 2, 3, 0, uint64_t{0x80000000} << 32, ~uint64_t{0}};

/// Tasks of the same low numbers meet often; the upper half of the bytes spreads over all.
uint32_t decode_task(uint8_t byte) { return byte < 128 ? byte % 8u : byte % tasks_max; }

Condition decode_condition(uint8_t word, uint8_t type) {
    Condition condition{Word::counter,
                        static_cast<uint8_t>(word % counters_max),
                        pto::COMPLETION_TYPE_COUNTER,
                        values[type >> 4],
                        cookies[type >> 4],
                        word % 4u};
    const unsigned choice = word % 128;
    if (choice >= 64 && choice < 120) {
        condition.word = Word::record;
    } else if (choice >= 120) {
        static constexpr std::array<Word, 8> rare = {
            Word::null,        Word::counter_plus_1, Word::counter_plus_2, Word::record_plus_1,
            Word::record_half, Word::record_half,    Word::counter,        Word::record};
        condition.word = rare[choice - 120];
    }
    switch (type % 32) {
        case 28:
            condition.type = pto::COMPLETION_TYPE_COUNTER;
            break;
        case 29:
            condition.type = pto::COMPLETION_TYPE_SDMA_EVENT_RECORD;
            break;
        case 30:
            condition.type = 2;
            break;
        case 31:
            condition.type = -1;
            break;
        default:
            condition.type = condition.word == Word::record ? pto::COMPLETION_TYPE_SDMA_EVENT_RECORD
                                                            : pto::COMPLETION_TYPE_COUNTER;
            break;
    }
    // A record is 8 bytes long; no counter is read as one.
    if (condition.type == pto::COMPLETION_TYPE_SDMA_EVENT_RECORD &&
        condition.word == Word::counter) {
        condition.word = Word::record;
    }
    if (condition.word == Word::record || condition.word == Word::record_half ||
        condition.word == Word::record_plus_1) {
        condition.index = static_cast<uint8_t>(condition.index % records_max);
    }
    return condition;
}

SlotChoice decode_slot(uint8_t byte) {
    if (byte < 248) {
        return SlotChoice::own;
    }
    if (byte < 252) {
        return SlotChoice::null;
    }
    return byte < 254 ? SlotChoice::of_next_task : SlotChoice::misaligned;
}

WaitListOperation decode_operation(const uint8_t* record) {
    const uint8_t a = record[1];
    const uint8_t b = record[2];
    const uint8_t c = record[3];
    WaitListOperation operation{};
    operation.call = calls[record[0] % calls.size()];
    operation.task = decode_task(a);
    operation.condition = decode_condition(b, c);
    operation.slot = decode_slot(b);
    operation.value = values[c % values.size()];
    operation.record_value = record_values[c % record_values.size()];
    switch (operation.call) {
        case Call::push_conditions:
            operation.count = record[0] < 32 ? 1 + a % 8u : 60 + a % 8u;
            if (record[0] >= 128) {
                operation.call = Call::push_registration;
                operation.count = record[0] < 192 ? 1 + c % 8u : 61 + c % 4u;
            }
            break;
        case Call::push_for_each_task:
        case Call::push_normal_dones:
            operation.task = a % tasks_max;
            operation.count = record[0] / 32 * 9u + b % 16u;
            break;
        case Call::push_unknown_kind:
            operation.count = 3u + b;
            break;
        case Call::set_counter:
            operation.task = a % counters_max;
            break;
        case Call::set_record:
            operation.task = a % records_max;
            break;
        default:
            break;
    }
    return operation;
}

uint32_t messages_offered(const WaitListOperation& operation) {
    switch (operation.call) {
        case Call::push_condition:
        case Call::push_normal_done:
        case Call::push_unknown_kind:
        case Call::leave_gap:
            return 1;
        case Call::push_conditions:
        case Call::push_for_each_task:
        case Call::push_normal_dones:
            return operation.count;
        case Call::push_registration:
            return 1 + operation.count / 2;
        default:
            return 0;
    }
}

std::string describe_condition(const Condition& condition) {
    static constexpr std::array<const char*, 7> names = {"counter ",
                                                         "record ",
                                                         "the upper half of record ",
                                                         "null, not word ",
                                                         "counter + 1 byte, ",
                                                         "counter + 2 bytes, ",
                                                         "record + 1 byte, "};
    return std::string(names[static_cast<size_t>(condition.word)]) +
           std::to_string(condition.index) + " as type " + std::to_string(condition.type) +
           ", expecting " +
           (condition.type == pto::COMPLETION_TYPE_SDMA_EVENT_RECORD
                ? std::to_string(condition.backend_cookie)
                : std::to_string(condition.expected_value));
}

std::string describe_slot(SlotChoice slot) {
    switch (slot) {
        case SlotChoice::own:
            return {};
        case SlotChoice::null:
            return " with a null slot";
        case SlotChoice::misaligned:
            return " with a misaligned slot";
        case SlotChoice::of_next_task:
            return " with the next task's slot";
    }
    return {};
}

}  // namespace

void WaitListStepSchedule::decode(Bytes input) {
    platform = decode_platform(format.header_byte(input, 1));
    platform_name = platform.contract().name;
    mailbox_capacity = platform.mailbox_capacity();
    first_ticket =
        start_ticket(format.header_byte(input, 2), format.header_byte(input, 3), mailbox_capacity);
    release_capacity = release_capacities[format.header_byte(input, 4) % release_capacities.size()];
    const size_t count = format.record_count(input);
    MessageBudget budget;
    operations.clear();
    for (size_t i = 0; i < count; ++i) {
        operations.push_back(decode_operation(format.record(input, i)));
        if (!budget.takes(messages_offered(operations.back()))) {
            operations.pop_back();
            return;
        }
    }
}

Condition condition_of_run(const Condition& first, uint32_t i) {
    Condition condition = first;
    const uint32_t words = first.word == Word::counter ? counters_max : records_max;
    condition.index = static_cast<uint8_t>((first.index + i) % words);
    return condition;
}

std::string describe(const WaitListOperation& op) {
    const std::string task = "task " + std::to_string(op.task);
    const std::string count = std::to_string(op.count);
    const std::string value = std::to_string(op.value);
    switch (op.call) {
        case Call::push_condition:
            return task + " pushes a condition: " + describe_condition(op.condition);
        case Call::push_conditions:
            return task + " pushes " + count + " conditions from " +
                   describe_condition(op.condition);
        case Call::push_for_each_task:
            return count + " tasks from " + task +
                   " on push a condition: " + describe_condition(op.condition);
        case Call::push_normal_done:
            return task + " pushes its normal-done" + describe_slot(op.slot);
        case Call::push_normal_dones:
            return count + " tasks from " + task + " on push their normal-done";
        case Call::push_registration:
            return task + " registers " + count + " conditions from " +
                   describe_condition(op.condition) + describe_slot(op.slot);
        case Call::push_unknown_kind:
            return task + " pushes a message of kind " + count;
        case Call::leave_gap:
            return "claim a ticket and leave it unpublished";
        case Call::fill_gap:
            return "publish that ticket as a condition of " + task + ": " +
                   describe_condition(op.condition);
        case Call::drain:
            return "drain without a sink";
        case Call::drain_with_sink:
            return "drain with a sink";
        case Call::poll:
            return "poll";
        case Call::poll_without_scheduler:
            return "poll without a scheduler";
        case Call::poll_while_busy:
            return "poll while another thread holds the lock";
        case Call::set_counter:
            return "counter " + std::to_string(op.task) + " := " + value;
        case Call::set_record:
            return "record " + std::to_string(op.task) + " := " + std::to_string(op.record_value);
        case Call::complete_elsewhere:
            return task + " is completed, and the list is not told";
        case Call::flush_releases:
            return "flush the release buffer";
        case Call::start_over:
            return "start a new run";
    }
    return {};
}

std::string WaitListStepSchedule::describe(Bytes input) {
    WaitListStepSchedule schedule;
    schedule.decode(input);
    return schedule.describe();
}

std::string WaitListStepSchedule::describe() const {
    const std::string text = "platform " + std::string(platform_name) + ", mailbox capacity " +
                             std::to_string(mailbox_capacity) + ", first ticket " +
                             std::to_string(first_ticket) + ", release buffer " +
                             std::to_string(release_capacity) + ", " +
                             std::to_string(operations.size()) + " operations\n";
    return text + describe_list(operations);
}

}  // namespace fuzz
