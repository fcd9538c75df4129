// Decoding, describing and generating scenarios of the wait list under weave; the byte layout is in
// the header.
#include "fuzz/wait_list/wait_list_weave_schedule.h"

#include <algorithm>

#include "fuzz/kit/describe.h"
#include "fuzz/kit/explored_inputs.h"
#include "fuzz/kit/start_ticket.h"
#include "src/runtime/pto_constants.h"

namespace fuzz {
namespace {

using Operation = WaitListWeaveOperation;
using Call = WaitListWeaveCall;
using Schedule = WaitListWeaveSchedule;

constexpr std::array<uint32_t, 4> capacities = {1, 2, 4, 8};
constexpr std::array<uint32_t, 4> waiting_before_choices = {0, 0, 0, 64};
constexpr std::array<Call, 8> fin_calls = {
    Call::finish,         Call::finish,         Call::finish,         Call::finish_in_bulk,
    Call::finish_in_bulk, Call::finish_in_bulk, Call::push_malformed, Call::poll};
/// A value of the last byte that stands for more conditions than a task may have.
constexpr uint8_t overfull_byte = 0xf0;

bool leaves_conditions(const Operation& op) {
    return (op.call == Call::finish || op.call == Call::finish_in_bulk) && op.conditions != 0;
}

bool is_malformed_condition(const Operation& op) {
    return op.call == Call::push_malformed && op.malformed >= Malformed::misaligned_condition;
}

Operation decode_operation(Bytes input, size_t index, uint32_t thread) {
    const auto byte = [&](size_t i) { return Schedule::format.operation_byte(input, index, i); };
    Operation op{};
    op.call = thread == Schedule::engine ? Call::set : fin_calls[byte(0) >> 2 & 7];
    op.pause = static_cast<Pause>(byte(0) >> 6);
    op.task = byte(1) & 3u;
    op.conditions = (byte(1) >> 2 & 7u) % 4;
    op.is_record = (byte(1) & 0x20) != 0;
    op.word = byte(2) % engine_words;
    op.value = 1 + (byte(2) >> 2) % engine_value_max;
    op.malformed = static_cast<Malformed>((byte(2) >> 4) % static_cast<int>(Malformed::count));
    if (op.call == Call::finish_in_bulk && byte(2) >= overfull_byte) {
        op.conditions = Schedule::conditions_overfull;
    }
    return op;
}

/// Applies `test` to every operation of every thread.
template <class Test>
bool any_operation(const Schedule& schedule, Test&& test) {
    return std::any_of(schedule.lists.begin(), schedule.lists.end(), [&](const auto& list) {
        return std::any_of(list.begin(), list.end(), test);
    });
}

const char* describe(Malformed malformed) {
    switch (malformed) {
        case Malformed::unknown_kind:
            return "a message of unknown kind";
        case Malformed::done_without_slot:
            return "a normal-done without a slot";
        case Malformed::done_of_another_task:
            return "a normal-done with another task's slot";
        case Malformed::done_twice:
            return "a second normal-done";
        case Malformed::misaligned_condition:
            return "a condition at an odd address";
        case Malformed::unknown_type:
            return "a condition of unknown type";
        case Malformed::zero_cookie:
            return "a record without a cookie";
        case Malformed::count:
            break;
    }
    return "nothing";
}

}  // namespace

void WaitListWeaveSchedule::decode(Bytes input) {
    capacity = capacities[format.header_byte(input, 1) % capacities.size()];
    first_ticket =
        start_ticket(format.header_byte(input, 2), format.header_byte(input, 3), capacity);
    const uint8_t shape = format.header_byte(input, 4);
    is_sc = (shape & 1) != 0;
    pollers = 1 + (shape >> 1 & 1u);
    waiting_before = waiting_before_choices[shape >> 2 & 3];
    has_release_buffer = (shape & 0x10) == 0;
    subtasks = {};
    for (auto& list : lists) {
        list.clear();
    }
    for (size_t i = 0; i < format.operation_count(input); ++i) {
        const uint32_t thread = (format.operation_byte(input, i, 0) & 3u) % thread_count;
        const Operation op = decode_operation(input, i, thread);
        lists[thread].push_back(op);
        subtasks[op.task] += op.call == Call::finish || op.call == Call::finish_in_bulk;
    }
    choices = format.records(input);
}

uint32_t WaitListWeaveSchedule::task_count() const {
    return waiting_before +
           static_cast<uint32_t>(std::count_if(subtasks.begin(), subtasks.end(),
                                               [](uint32_t of_task) { return of_task != 0; }));
}

bool WaitListWeaveSchedule::must_fail() const {
    return any_operation(*this, [](const Operation& op) {
        return op.call == Call::push_malformed || op.conditions == conditions_overfull;
    });
}

bool WaitListWeaveSchedule::may_fail_with(int32_t code) const {
    switch (code) {
        case pto::PTO2_ERROR_ASYNC_COMPLETION_INVALID:
            return any_operation(*this, is_malformed_condition);
        case pto::PTO2_ERROR_ASYNC_REGISTRATION_FAILED:
            return must_fail();
        case pto::PTO2_ERROR_ASYNC_WAIT_OVERFLOW:
            return waiting_before == pto::MAX_ASYNC_WAITS &&
                   any_operation(*this, [](const Operation& op) {
                       return leaves_conditions(op) || is_malformed_condition(op);
                   });
        default:
            return false;
    }
}

std::string describe(const WaitListWeaveOperation& op) {
    const std::string task = "task " + std::to_string(op.task);
    const std::string word = (op.is_record ? "record " : "counter ") + std::to_string(op.word);
    const std::string conditions = std::to_string(op.conditions) + " conditions on " + word +
                                   " from " + std::to_string(op.value) + " on";
    const std::string pause = describe(op.pause);
    switch (op.call) {
        case Call::finish:
            return pause + "finish a subtask of " + task + ": " + conditions;
        case Call::finish_in_bulk:
            return pause + "finish a subtask of " + task + ": " + conditions + ", in bulk";
        case Call::push_malformed:
            return pause + "push " + describe(op.malformed) + " for " + task;
        case Call::poll:
            return pause + "poll";
        case Call::set:
            return pause + "raise word " + std::to_string(op.word) + " to " +
                   std::to_string(op.value);
    }
    return {};
}

std::string WaitListWeaveSchedule::describe(Bytes input) {
    WaitListWeaveSchedule schedule{};
    schedule.decode(input);
    std::string text = describe_memory(schedule.is_sc) + "capacity " +
                       std::to_string(schedule.capacity) + ", first ticket " +
                       std::to_string(schedule.first_ticket) + ", " +
                       std::to_string(schedule.pollers) + " pollers, " +
                       std::to_string(schedule.waiting_before) + " tasks wait before, " +
                       (schedule.has_release_buffer ? "with" : "without") + " a release buffer\n";
    constexpr std::array<const char*, thread_count> names = {"FIN thread 0", "FIN thread 1",
                                                             "engine"};
    for (uint32_t thread = 0; thread < thread_count; ++thread) {
        text += std::string(names[thread]) + "\n" + describe_list(schedule.lists[thread], "  ");
    }
    return text + describe_wishes(format, input) + describe_choices(schedule.choices);
}

namespace {

using Builder = ExploredBuilder<WaitListWeaveSchedule>;

// Byte 0 of an operation: a FIN thread and its call.
enum Selector : unsigned { finish = 0, bulk = 3, malformed = 6, poll = 7 };
constexpr unsigned on(unsigned thread, Selector selector) { return selector << 2 | thread; }
// Byte 1.
constexpr unsigned task(unsigned number, unsigned conditions) { return conditions << 2 | number; }
constexpr unsigned records = 0x20;
// Byte 2.
constexpr unsigned word(unsigned number, unsigned value) { return (value - 1) << 2 | number; }
constexpr unsigned wrong(Malformed what) { return static_cast<unsigned>(what) << 4; }
// Byte 4.
constexpr unsigned two_pollers = 2;
constexpr unsigned list_full = 3u << 2;
constexpr unsigned no_buffer = 0x10;
constexpr unsigned slots_1 = 0;
constexpr unsigned slots_2 = 1;
constexpr unsigned slots_4 = 2;

constexpr size_t seed_choices = 400;

template <class Add>
void add_malformed(unsigned is_sc, const Add& add) {
    for (unsigned i = 0; i < static_cast<unsigned>(Malformed::count); ++i) {
        add("malformed-" + std::to_string(i),
            Builder({slots_2, 0, 0, is_sc | two_pollers})
                .add({on(0, finish), task(0, 1), word(0, 1)})
                .add({on(1, malformed), task(1, 0), wrong(Malformed(i))})
                .add({on(1, finish), task(2, 0), 0})
                .add({2, 0, word(0, 1)}));
    }
}

}  // namespace

std::vector<Seed> WaitListWeaveSchedule::seeds() {
    return ExploredSeeds<WaitListWeaveSchedule>(seed_choices)
        .filled_by([](unsigned is_sc, const auto& add) {
            add("one-task", Builder({slots_4, 0, 0, is_sc})
                                .add({on(0, finish), task(0, 1), word(0, 1)})
                                .add({2, 0, word(0, 1)}));
            add("shared-task", Builder({slots_2, 1, 2, is_sc | two_pollers})
                                   .add({on(0, finish), task(0, 1), word(0, 1)})
                                   .add({on(1, bulk), task(0, 2) | records, word(1, 2)})
                                   .add({2, 0, word(1, 1)}));
            add("three-tasks", Builder({slots_2, 0, 0, is_sc | two_pollers})
                                   .add({on(0, finish), task(0, 1), word(0, 1)})
                                   .add({on(0, finish), task(2, 0), 0})
                                   .add({on(1, bulk), task(1, 2), word(1, 1)})
                                   .add({on(1, finish), task(0, 0), 0})
                                   .add({2, 0, word(0, 2)}));
            add("tiny-ring", Builder({slots_1, 1, 1, is_sc | two_pollers})
                                 .add({on(0, bulk), task(0, 3), word(0, 2)})
                                 .add({on(1, bulk), task(1, 3) | records, word(0, 2)}));
            add("no-buffer", Builder({slots_2, 0, 0, is_sc | no_buffer})
                                 .add({on(0, finish), task(0, 1), word(0, 1)})
                                 .add({on(0, poll), 0, 0})
                                 .add({on(1, finish), task(1, 0), 0}));
            add("list-full", Builder({slots_4, 0, 0, is_sc | list_full})
                                 .add({on(0, finish), task(0, 0), 0})
                                 .add({on(1, finish), task(1, 1), word(0, 1)})
                                 .add({2, 0, word(gate_word, 2)}));
            add("list-full-no-conditions",
                Builder({slots_4, 0, 0, is_sc | list_full}).add({on(0, finish), task(0, 0), 0}));
            add("overfull-task", Builder({slots_4, 0, 0, is_sc})
                                     .add({on(0, finish), task(1, 1), word(0, 1)})
                                     .add({on(1, bulk), task(0, 0), overfull_byte}));
            add_malformed(is_sc, add);
        });
}

}  // namespace fuzz
