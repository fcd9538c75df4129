// Tests how bytes become schedules: every byte string is one, within its bounds, and its
// description depends on the bytes alone; and that the generators of inputs make what they should.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fuzz/kit/payload.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/wait_list/wait_list_step_schedule.h"
#include "src/runtime/mailbox.h"

namespace fuzz::test {
namespace {

using Input = std::vector<uint8_t>;

size_t operation_count(const MailboxStepSchedule& schedule) { return schedule.operations.size(); }
size_t operation_count(const WaitListStepSchedule& schedule) { return schedule.operations.size(); }
size_t operation_count(const ReadyQueueStepSchedule& schedule) {
    return schedule.operations.size();
}

template <class Lists>
size_t operations_in(const Lists& lists) {
    size_t count = 0;
    for (const auto& list : lists) {
        count += list.size();
    }
    return count;
}
size_t operation_count(const MailboxThreadsSchedule& schedule) {
    return operations_in(schedule.lists);
}
size_t operation_count(const ReadyQueueThreadsSchedule& schedule) {
    return operations_in(schedule.lists);
}

/// Lines of a description that are not an operation's: the parameters, and a thread's name each.
size_t other_lines(const MailboxStepSchedule&) { return 1; }
size_t other_lines(const WaitListStepSchedule&) { return 1; }
size_t other_lines(const ReadyQueueStepSchedule&) { return 1; }
size_t other_lines(const MailboxThreadsSchedule& schedule) { return 1 + schedule.threads(); }
size_t other_lines(const ReadyQueueThreadsSchedule& schedule) { return 1 + schedule.threads(); }

/// A parameter that an empty input has.
const char* parameter_of(const MailboxStepSchedule&) { return "first ticket 0"; }
const char* parameter_of(const WaitListStepSchedule&) { return "first ticket 0"; }
const char* parameter_of(const MailboxThreadsSchedule&) { return "first ticket 0"; }
const char* parameter_of(const ReadyQueueStepSchedule&) { return "capacity 4"; }
const char* parameter_of(const ReadyQueueThreadsSchedule&) { return "capacity 4"; }

uint64_t messages_offered(const MailboxOperation& operation) {
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

uint64_t messages_offered(const MailboxThreadsOperation& operation) {
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

uint64_t messages_offered(const WaitListOperation& operation) {
    switch (operation.call) {
        case WaitListCall::push_condition:
        case WaitListCall::push_normal_done:
        case WaitListCall::push_unknown_kind:
        case WaitListCall::leave_gap:
            return 1;
        case WaitListCall::push_conditions:
        case WaitListCall::push_for_each_task:
        case WaitListCall::push_normal_dones:
            return operation.count;
        default:
            return 0;
    }
}

uint64_t messages_offered(const ReadyQueueOperation& operation) {
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

uint64_t messages_offered(const ReadyThreadsOperation& operation) {
    switch (operation.call) {
        case ReadyThreadsCall::size:
        case ReadyThreadsCall::pop:
        case ReadyThreadsCall::pop_batch:
        case ReadyThreadsCall::pop_in_steps:
            return 0;
        default:
            return operation.count;
    }
}

template <class Operation>
uint64_t messages_offered(const std::vector<Operation>& operations) {
    uint64_t offered = 0;
    for (const Operation& operation : operations) {
        offered += messages_offered(operation);
    }
    return offered;
}

uint64_t messages_offered(const MailboxStepSchedule& schedule) {
    return messages_offered(schedule.operations);
}
uint64_t messages_offered(const WaitListStepSchedule& schedule) {
    return messages_offered(schedule.operations);
}
uint64_t messages_offered(const ReadyQueueStepSchedule& schedule) {
    return messages_offered(schedule.operations);
}

template <class Lists>
uint64_t messages_offered_in(const Lists& lists) {
    uint64_t offered = 0;
    for (const auto& list : lists) {
        offered += messages_offered(list);
    }
    return offered;
}
uint64_t messages_offered(const MailboxThreadsSchedule& schedule) {
    return messages_offered_in(schedule.lists);
}
uint64_t messages_offered(const ReadyQueueThreadsSchedule& schedule) {
    return messages_offered_in(schedule.lists);
}

bool is_ring_size(uint32_t capacity) { return std::has_single_bit(capacity) && capacity <= 4096; }

bool is_registration_size(uint32_t conditions) {
    return conditions >= 1 && conditions <= pto::MAX_COMPLETIONS_PER_TASK;
}

bool is_in_bounds(const MailboxOperation& operation) {
    return operation.repetitions >= 1 && operation.repetitions <= 16 &&
           operation.count <= payload_run_max &&
           (operation.call != MailboxCall::push_registration ||
            is_registration_size(operation.count));
}

bool is_in_bounds(const MailboxStepSchedule& schedule) {
    return is_ring_size(schedule.capacity) &&
           std::all_of(schedule.operations.begin(), schedule.operations.end(),
                       [](const MailboxOperation& operation) { return is_in_bounds(operation); });
}

bool is_queue_size(uint32_t capacity) {
    return std::has_single_bit(capacity) && capacity <= ready_capacity_max;
}

bool is_in_bounds(const ReadyQueueStepSchedule& schedule) {
    return is_queue_size(schedule.capacity) &&
           std::all_of(schedule.operations.begin(), schedule.operations.end(),
                       [](const ReadyQueueOperation& operation) {
                           return operation.repetitions >= 1 && operation.repetitions <= 16 &&
                                  operation.count <= ready_batch_max;
                       });
}

bool is_consumers(MailboxThreadsCall call) {
    return call == MailboxThreadsCall::pop || call == MailboxThreadsCall::pop_batch ||
           call == MailboxThreadsCall::consume;
}

bool is_in_bounds(const MailboxThreadsOperation& operation, uint32_t capacity) {
    switch (operation.call) {
        case MailboxThreadsCall::push_registration:
            return is_registration_size(operation.count);
        case MailboxThreadsCall::push_registration_until_taken:
            // Or it would never be taken.
            return is_registration_size(operation.count) &&
                   pto::registration_slots(operation.count) <= capacity;
        default:
            return operation.count <= payload_run_max;
    }
}

bool is_in_bounds(const MailboxThreadsSchedule& schedule) {
    if (!is_ring_size(schedule.capacity) || schedule.producers < 1 ||
        schedule.producers > producers_max || schedule.consumers < 1 ||
        schedule.consumers > consumers_max) {
        return false;
    }
    for (uint32_t thread = 0; thread < threads_max; ++thread) {
        if (thread >= schedule.threads() && !schedule.lists[thread].empty()) {
            return false;
        }
        for (const MailboxThreadsOperation& operation : schedule.lists[thread]) {
            const bool may_be_called =
                operation.call == MailboxThreadsCall::has_pending ||
                is_consumers(operation.call) == (thread < schedule.consumers);
            if (!may_be_called || !is_in_bounds(operation, schedule.capacity)) {
                return false;
            }
        }
    }
    return true;
}

bool is_poppers(ReadyThreadsCall call) {
    return call == ReadyThreadsCall::pop || call == ReadyThreadsCall::pop_batch ||
           call == ReadyThreadsCall::pop_in_steps;
}

bool is_in_bounds(const ReadyQueueThreadsSchedule& schedule) {
    if (!is_queue_size(schedule.capacity) || schedule.pushers < 1 ||
        schedule.pushers > ready_pushers_max || schedule.poppers < 1 ||
        schedule.poppers > ready_poppers_max) {
        return false;
    }
    for (uint32_t thread = 0; thread < ready_threads_max; ++thread) {
        if (thread >= schedule.threads() && !schedule.lists[thread].empty()) {
            return false;
        }
        for (const ReadyThreadsOperation& operation : schedule.lists[thread]) {
            const bool may_be_called = operation.call == ReadyThreadsCall::size ||
                                       is_poppers(operation.call) == (thread < schedule.poppers);
            if (!may_be_called || operation.count > ready_batch_max) {
                return false;
            }
        }
    }
    return true;
}

bool is_in_bounds(const Condition& condition) {
    const bool is_in_a_record = condition.word == Word::record ||
                                condition.word == Word::record_half ||
                                condition.word == Word::record_plus_1;
    // A record is 8 bytes, so a counter must never be read as one.
    const bool is_counter_as_record = condition.word == Word::counter && condition.type == 1;
    return condition.index < (is_in_a_record ? records_max : counters_max) && !is_counter_as_record;
}

bool is_in_bounds(const WaitListOperation& operation) {
    const uint32_t objects = operation.call == WaitListCall::set_counter  ? counters_max
                             : operation.call == WaitListCall::set_record ? records_max
                                                                          : tasks_max;
    return operation.task < objects && is_in_bounds(operation.condition);
}

bool is_in_bounds(const WaitListStepSchedule& schedule) {
    return schedule.platform.platform < pto::platform_count && schedule.release_capacity >= 0 &&
           schedule.release_capacity <= 256 &&
           std::all_of(
               schedule.operations.begin(), schedule.operations.end(),
               [](const WaitListOperation& operation) { return is_in_bounds(operation); });
}

/// Decodes into an object that other inputs were decoded into before, as the targets do.
template <class Schedule>
const Schedule& decoded(const Input& input) {
    static Schedule schedule;
    schedule.decode(input);
    return schedule;
}

/// All that should hold for a short input.
template <class Schedule>
::testing::AssertionResult decodes_well(const Input& input) {
    const std::string description = Schedule::describe(input);
    const Schedule& schedule = decoded<Schedule>(input);
    const auto lines =
        static_cast<size_t>(std::count(description.begin(), description.end(), '\n'));
    if (!is_in_bounds(schedule)) {
        return ::testing::AssertionFailure() << "out of bounds: " << description;
    }
    const bool may_be_cut = messages_offered(schedule) + payload_run_max > schedule_messages_max;
    if (operation_count(schedule) != Schedule::format.record_count(input) && !may_be_cut) {
        return ::testing::AssertionFailure() << "not an operation per record: " << description;
    }
    if (lines != operation_count(schedule) + other_lines(schedule)) {
        return ::testing::AssertionFailure() << "not a line per operation: " << description;
    }
    if (Schedule::describe(input) != description) {
        return ::testing::AssertionFailure() << "described in two ways: " << description;
    }
    return ::testing::AssertionSuccess();
}

/// A header of equal bytes and the largest number of records, all the same.
template <class Schedule>
Input longest_input(uint8_t header_byte, uint8_t opcode, uint8_t argument) {
    Input input(Schedule::format.header_bytes, header_byte);
    while (Schedule::format.record_count(input) < schedule_records_max) {
        input.push_back(opcode);
        input.insert(input.end(), Schedule::format.record_bytes - 1, argument);
    }
    return input;
}

template <class Schedule>
std::vector<Seed> generated() {
    std::vector<Seed> inputs = Schedule::seeds();
    const std::vector<Seed> benchmark = Schedule::benchmark_inputs();
    inputs.insert(inputs.end(), benchmark.begin(), benchmark.end());
    return inputs;
}

template <class Schedule>
class ScheduleTest : public ::testing::Test {};

// No names for the types: test discovery understands only suites that end in a number.
using Schedules =
    ::testing::Types<MailboxStepSchedule, MailboxThreadsSchedule, WaitListStepSchedule,
                     ReadyQueueStepSchedule, ReadyQueueThreadsSchedule>;
TYPED_TEST_SUITE(ScheduleTest, Schedules);

TYPED_TEST(ScheduleTest, decodes_an_empty_input) {
    EXPECT_TRUE(decodes_well<TypeParam>({}));
    EXPECT_EQ(operation_count(decoded<TypeParam>({})), 0u);
}

TYPED_TEST(ScheduleTest, decodes_every_length_of_zeros_and_of_ones) {
    for (size_t size = 0; size <= 64; ++size) {
        ASSERT_TRUE(decodes_well<TypeParam>(Input(size, 0x00))) << size;
        ASSERT_TRUE(decodes_well<TypeParam>(Input(size, 0xff))) << size;
    }
}

TYPED_TEST(ScheduleTest, decodes_random_inputs) {
    std::minstd_rand random(7);
    Input input;
    for (int i = 0; i < 20'000; ++i) {
        input.resize(random() % 65);
        std::generate(input.begin(), input.end(),
                      [&] { return static_cast<uint8_t>(random() >> 8); });
        ASSERT_TRUE(decodes_well<TypeParam>(input)) << "input " << i;
    }
}

TYPED_TEST(ScheduleTest, reads_missing_header_bytes_as_zeros) {
    const Input zeros(TypeParam::format.header_bytes, 0);
    for (size_t size = 0; size < zeros.size(); ++size) {
        EXPECT_EQ(TypeParam::describe(Input(size, 0)), TypeParam::describe(zeros)) << size;
    }
}

TYPED_TEST(ScheduleTest, ignores_a_trailing_part_of_a_record) {
    const Input whole = longest_input<TypeParam>(1, 7, 9);
    const size_t two_records = TypeParam::format.header_bytes + 2 * TypeParam::format.record_bytes;
    const Bytes bytes(whole);
    const std::string expected = TypeParam::describe(bytes.first(two_records));
    for (size_t extra = 1; extra < TypeParam::format.record_bytes; ++extra) {
        EXPECT_EQ(TypeParam::describe(bytes.first(two_records + extra)), expected) << extra;
    }
}

TYPED_TEST(ScheduleTest, reads_every_version_alike) {
    Input input = TypeParam::seeds().front().bytes;
    const std::string expected = TypeParam::describe(input);
    for (int version = 0; version < 256; ++version) {
        input[0] = static_cast<uint8_t>(version);
        EXPECT_EQ(TypeParam::describe(input), expected) << version;
    }
}

TYPED_TEST(ScheduleTest, ends_after_the_last_record_that_it_may_have) {
    Input input = longest_input<TypeParam>(0, 0, 0);
    EXPECT_EQ(operation_count(decoded<TypeParam>(input)), schedule_records_max);
    input.insert(input.end(), 10 * TypeParam::format.record_bytes, 1);
    EXPECT_EQ(operation_count(decoded<TypeParam>(input)), schedule_records_max);
}

TYPED_TEST(ScheduleTest, offers_no_more_messages_than_it_may) {
    uint64_t most = 0;
    for (int byte = 0; byte < 256; ++byte) {
        // A small ring and the largest one.
        for (const uint8_t header_byte : Input{0, 31}) {
            for (const uint8_t argument : Input{0, 127, 191, 255}) {
                const auto opcode = static_cast<uint8_t>(byte);
                const auto& schedule =
                    decoded<TypeParam>(longest_input<TypeParam>(header_byte, opcode, argument));
                most = std::max(most, messages_offered(schedule));
                ASSERT_TRUE(is_in_bounds(schedule));
                ASSERT_LE(messages_offered(schedule), schedule_messages_max)
                    << "header " << int{header_byte} << ", records " << byte << " "
                    << int{argument};
            }
        }
    }
    EXPECT_GT(most, schedule_messages_max / 2);  // or the bound was never in the way
}

TYPED_TEST(ScheduleTest, stays_in_bounds_on_long_random_inputs) {
    std::minstd_rand random(8);
    Input input(20'000);
    for (int i = 0; i < 200; ++i) {
        std::generate(input.begin(), input.end(),
                      [&] { return static_cast<uint8_t>(random() >> 8); });
        const TypeParam& schedule = decoded<TypeParam>(input);
        ASSERT_TRUE(is_in_bounds(schedule)) << i;
        ASSERT_LE(operation_count(schedule), schedule_records_max) << i;
        ASSERT_LE(messages_offered(schedule), schedule_messages_max) << i;
    }
}

TYPED_TEST(ScheduleTest, has_generators_of_inputs_that_do_something) {
    for (const Seed& input : generated<TypeParam>()) {
        EXPECT_GT(operation_count(decoded<TypeParam>(input.bytes)), 0u) << input.name;
        EXPECT_EQ(input.bytes[0], format_version) << input.name;
    }
}

TYPED_TEST(ScheduleTest, has_generators_whose_names_are_unique_and_fit_for_files) {
    for (const auto& inputs : {TypeParam::seeds(), TypeParam::benchmark_inputs()}) {
        ASSERT_GT(inputs.size(), 10u);
        std::set<std::string> names;
        for (const Seed& input : inputs) {
            EXPECT_TRUE(names.insert(input.name).second) << input.name;
            EXPECT_EQ(input.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
                      std::string::npos)
                << input.name;
        }
    }
}

TYPED_TEST(ScheduleTest, has_generators_that_always_make_the_same) {
    const std::vector<Seed> once = generated<TypeParam>();
    const std::vector<Seed> again = generated<TypeParam>();
    ASSERT_EQ(once.size(), again.size());
    for (size_t i = 0; i < once.size(); ++i) {
        EXPECT_EQ(once[i].name, again[i].name);
        EXPECT_EQ(once[i].bytes, again[i].bytes) << once[i].name;
    }
}

TYPED_TEST(ScheduleTest, describes_its_parameters_first) {
    const std::string text = TypeParam::describe({});
    const std::string first_line = text.substr(0, text.find('\n'));
    EXPECT_NE(first_line.find(parameter_of(TypeParam{})), std::string::npos) << text;
}

/// The slots that the registrations of a ring's schedules take.
std::set<uint32_t> registration_sizes(uint8_t capacity_byte) {
    constexpr uint8_t push_registration = 15;
    std::set<uint32_t> sizes;
    for (int argument = 0; argument < 128; ++argument) {
        const auto& schedule =
            decoded<MailboxStepSchedule>({format_version, capacity_byte, 0, 0, push_registration,
                                          static_cast<uint8_t>(argument)});
        sizes.insert(pto::registration_slots(schedule.operations.front().count));
    }
    return sizes;
}

TEST(RegistrationTest, is_mostly_one_that_fits_and_now_and_then_takes_one_slot_too_many) {
    constexpr uint8_t slots_4 = 0;
    constexpr uint8_t slots_1 = 6;
    EXPECT_EQ(registration_sizes(slots_4), (std::set<uint32_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(registration_sizes(slots_1), (std::set<uint32_t>{1, 2}));
}

TEST(UnstructuredBytesTest, are_described_as_numbers) {
    EXPECT_EQ(UnstructuredBytes::describe({}), "0 bytes:\n");
    EXPECT_EQ(UnstructuredBytes::describe(Input{0, 0x7f, 0xff}), "3 bytes: 00 7f ff\n");
}

}  // namespace
}  // namespace fuzz::test
