// Decoding and describing scheduler schedules; the byte layout is in the header.
#include "fuzz/scheduler/scheduler_step_schedule.h"

#include <algorithm>
#include <array>
#include <optional>

#include "fuzz/kit/describe.h"

namespace fuzz {
namespace {

using Action = SchedulerAction;

constexpr uint32_t subtasks_max = 32767;  ///< of a task that may be submitted
constexpr uint32_t slab_conditions_max = 64;
constexpr uint32_t subtasks_each = 12;  ///< of a task that random bytes make, at most

// What ends a run, or nearly, is rare, so that random schedules reach more before it.
constexpr std::array<Action, 32> calls = {
    Action::submit,
    Action::turn,
    Action::cores_go,
    Action::wait,
    Action::core_ack,
    Action::core_fin,
    Action::set_counter,
    Action::set_record,
    Action::begin_scope,
    Action::end_scope,
    Action::leave_gap,
    Action::fill_gap,
    Action::hold_lock,
    Action::release_lock,
    Action::submit,
    Action::submit,
    Action::submit,
    Action::submit,
    Action::submit,
    Action::turn,
    Action::turn,
    Action::turn,
    Action::turn,
    Action::cores_go,
    Action::core_fin,
    Action::core_ack,
    Action::set_counter,
    Action::advance_clock,
    Action::finish_submission,
    Action::push_unknown,
    Action::stop,
    Action::wait,
};

constexpr std::array<uint64_t, 4> watchdogs = {1000, 20, 5, 2};
constexpr std::array<uint64_t, 8> first_tasks = {0,
                                                 0,
                                                 3,
                                                 (uint64_t{1} << 32) - 2,
                                                 (uint64_t{1} << 32) - 9,
                                                 (uint64_t{1} << 31) - 3,
                                                 ~uint64_t{0},
                                                 ~uint64_t{0} - 4};
constexpr std::array<uint32_t, 4> last_dispatch_ids = {0x7fffffff, 0x7fffffeb, 0x7fffffee, 6};
constexpr std::array<CoreLeaving, 16> leavings = {
    CoreLeaving::at_once,   CoreLeaving::late,    CoreLeaving::at_once, CoreLeaving::late,
    CoreLeaving::at_once,   CoreLeaving::at_once, CoreLeaving::at_once, CoreLeaving::at_once,
    CoreLeaving::at_once,   CoreLeaving::at_once, CoreLeaving::at_once, CoreLeaving::at_once,
    CoreLeaving::one_never, CoreLeaving::at_once, CoreLeaving::at_once, CoreLeaving::running_never};
constexpr std::array<int32_t, 4> stop_codes = {9, -9, 100, 103};

constexpr uint32_t core_count(uint8_t cores) {
    return static_cast<uint32_t>((cores & 1) + (cores >> 1 & 1) + (cores >> 2 & 1));
}

/// a: which cores, how many blocks. b: dependencies. c: conditions, rarely faults.
SchedulerTask decode_task(uint8_t a, uint8_t b, uint8_t c) {
    SchedulerTask task{};
    task.cores = a % 8;
    task.block_num = 1 + a / 8 % 4;
    if (a >= 252) {
        // Out of range: unknown cores, no block, one subtask too many.
        static constexpr std::array<int32_t, 3> blocks = {0, -1, 1};
        task.cores = a == 254 ? 8 : static_cast<uint8_t>(1 + b % 7);
        task.block_num = a == 255 ? static_cast<int32_t>(subtasks_max / core_count(task.cores) + 1)
                                  : blocks[a - 252u];
    }
    task.dependency_count = b % 4;
    if (b >= 252) {
        task.dependency_count = b == 255 ? 1 : dependencies_max;
    }
    for (uint32_t i = 0; i < task.dependency_count; ++i) {
        task.dependencies[i] = b == 255 ? 0 : 1 + (b / 4 + i * (1u + b / 32)) % 64;
    }
    const uint32_t kind = c % 16;
    task.first_word = c / 16;
    task.expected_value = c / 64;
    if (kind >= 8 && kind < 12) {
        task.conditions = kind - 7;
        task.only_block_0 = kind == 11;
    } else if (kind == 12) {
        static constexpr std::array<uint32_t, 4> many = {16, 22, 63, 64};
        task.conditions = many[c / 16 % 4];
    } else if (kind == 13) {
        task.words = TaskWords::records;
        task.conditions = 1 + c / 64;
    } else if (kind == 14) {
        task.conditions = c / 16 % 2;
        task.fault = static_cast<SlabFault>(1 + c / 32 % 5);
    } else if (kind == 15) {
        task.words = (c & 16) != 0 ? TaskWords::null : TaskWords::unknown_type;
        task.conditions = c < 128 ? 1 : 0;
    }
    if (task.cores == 0) {
        task.conditions = 0;
        task.fault = SlabFault::none;
    }
    return task;
}

SchedulerOperation decode_operation(const uint8_t* record) {
    SchedulerOperation operation{};
    operation.call = calls[record[0] % calls.size()];
    operation.which = record[1];
    operation.value = record[3];
    switch (operation.call) {
        case Action::submit:
            operation.task = decode_task(record[1], record[2], record[3]);
            break;
        case Action::set_counter:
            operation.which = record[1] % scheduler_counters_max;
            operation.value = record[3] % 8 == 7 ? ~uint32_t{0} : record[3] % 4u;
            break;
        case Action::set_record:
            operation.which = record[1] % scheduler_records_max;
            break;
        case Action::advance_clock:
            operation.value = record[3] % 8;
            break;
        case Action::stop:
            // Rarer than a thirty-second: most runs should end by themselves.
            if (record[3] < 192) {
                operation.call = Action::turn;
            }
            operation.value = record[3] % stop_codes.size();
            operation.value = static_cast<uint32_t>(stop_codes[operation.value]);
            break;
        case Action::push_unknown:
        case Action::finish_submission:
            if (record[3] < 160) {
                operation.call = Action::cores_go;
            }
            break;
        default:
            break;
    }
    return operation;
}

/// A record that makes the last `operations` operations again, `times` times.
struct Repetition {
    uint32_t operations;
    uint32_t times;
};

/// a: how many operations, 1 to 16; b: how often, mostly 1 to 8, else up to 256. Rare, by c: what
/// it makes takes as long as a record for each operation. Most such records are turns.
std::optional<Repetition> decode_repetition(const uint8_t* record) {
    constexpr uint8_t opcode = 22;
    static_assert(calls[opcode] == Action::turn);
    if (record[0] % calls.size() != opcode || record[3] < 248) {
        return std::nullopt;
    }
    const uint32_t b = record[2];
    return Repetition{1 + record[1] % 16u, b < 240 ? 1 + b % 8 : 16 * (b - 239)};
}

std::string task_text(const SchedulerTask& task) {
    static constexpr std::array<const char*, 4> words = {"counters", "records", "no address",
                                                         "an unknown type"};
    static constexpr std::array<const char*, 6> faults = {
        "",
        ", block 0 leaves error 7",
        ", block 0 leaves error -3",
        ", block 0 appends up to a 65th condition",
        ", block 0 leaves a count of 65",
        ", block 0 leaves a count of all ones"};
    std::string text;
    if (task.cores == 0) {
        text = "a dummy";
    } else {
        text = std::to_string(task.block_num) + " blocks on";
        static constexpr std::array<const char*, 4> names = {" aic", " aiv0", " aiv1", " unknown"};
        for (uint32_t i = 0; i < names.size(); ++i) {
            text += (task.cores >> i & 1) != 0 ? names[i] : "";
        }
    }
    if (task.conditions != 0) {
        text += ", " + std::to_string(task.conditions) + " conditions a subtask, on " +
                words[static_cast<size_t>(task.words)] + " from " +
                std::to_string(task.first_word) + ", expecting " +
                std::to_string(task.expected_value) + (task.only_block_0 ? ", block 0 only" : "");
    }
    text += faults[static_cast<size_t>(task.fault)];
    for (uint32_t i = 0; i < task.dependency_count; ++i) {
        text += (i == 0 ? ", after the task " : ", ") + std::to_string(task.dependencies[i]);
    }
    return text + (task.dependency_count != 0 ? " back" : "");
}

constexpr std::array<const char*, 4> leaving_text = {"at once", "late", "at once but for core 0",
                                                     "at once but for those that run"};

std::string describe_schedule(const SchedulerStepSchedule& schedule, const std::string& platform) {
    const SchedulerStepSchedule::Shape& sizes = schedule.sizes();
    const std::string text =
        platform + ", mailbox capacity " + std::to_string(schedule.platform.mailbox_capacity()) +
        ", " + std::to_string(sizes.threads) + " threads, " + std::to_string(sizes.clusters) +
        " clusters, " + std::to_string(sizes.rings) + " rings of " + std::to_string(sizes.window) +
        " tasks from " + std::to_string(schedule.first_task) + " and " +
        std::to_string(sizes.dependency_capacity) + " dependencies, watchdog " +
        std::to_string(schedule.watchdog_units) + " units, dispatch ids after " +
        std::to_string(schedule.last_dispatch_id) + ", cores leave " +
        leaving_text[static_cast<size_t>(schedule.leaving)] + ", " +
        std::to_string(schedule.operations.size()) + " operations\n";
    return text + describe_list(schedule.operations);
}

}  // namespace

const std::vector<SchedulerStepSchedule::Shape>& SchedulerStepSchedule::shapes() {
    static const std::vector<Shape> all = {
        {2, 2, 2, 8, 32},     {1, 1, 1, 4, 8},     {3, 4, 4, 16, 64},
        {2, 3, 2, 512, 1024}, {1, 2, 2, 2, 4},     {3, 2, 1, 1, 8},
        {3, 24, 2, 32, 128},  {4, 36, 2, 32, 128}, {1, 64, 1, 64, 128},
    };
    return all;
}

/// The sizes that a byte names. Boards of real size are rarer: they take longer.
static uint32_t shape_of(uint8_t byte) {
    static constexpr std::array<uint8_t, 16> shapes = {0, 1, 2, 3, 4, 5, 6, 7,
                                                       8, 0, 1, 2, 3, 4, 5, 2};
    return shapes[byte % shapes.size()];
}

void SchedulerStepSchedule::decode(Bytes input) {
    platform = decode_platform(format.header_byte(input, 1));
    shape = shape_of(format.header_byte(input, 2));
    first_task = first_tasks[format.header_byte(input, 3) % first_tasks.size()];
    watchdog_units = watchdogs[format.header_byte(input, 4) % watchdogs.size()];
    last_dispatch_id =
        last_dispatch_ids[format.header_byte(input, 4) / 4 % last_dispatch_ids.size()];
    leaving = leavings[format.header_byte(input, 4) / 16 % leavings.size()];
    const size_t count = format.record_count(input);
    uint32_t tasks = 0;
    MessageBudget budget;
    operations.clear();
    /// Whether there may be more after it.
    const auto append = [&](const SchedulerOperation& operation) {
        const bool is_task = operation.call == Action::submit;
        tasks += is_task;
        const uint64_t messages = is_task ? uint64_t{operation.task.conditions} * subtasks_each : 0;
        if (tasks > scheduler_tasks_max || !budget.takes(messages) ||
            operations.size() == schedule_records_max) {
            return false;
        }
        operations.push_back(operation);
        return true;
    };
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const record = format.record(input, i);
        const std::optional<Repetition> repetition = decode_repetition(record);
        if (!repetition) {
            if (!append(decode_operation(record))) {
                return;
            }
            continue;
        }
        const size_t period = std::min<size_t>(repetition->operations, operations.size());
        for (size_t left = period * repetition->times; left != 0; --left) {
            // A copy: appending may move what it is copied from.
            const SchedulerOperation again = operations[operations.size() - period];
            if (!append(again)) {
                return;
            }
        }
    }
}

void PlatformPairSchedule::decode(Bytes input) {
    SchedulerStepSchedule::decode(input);
    platform.platform = static_cast<uint32_t>(pto::platform_count) - 1;
}

void slab_content(const SchedulerTask& task, uint32_t block, uint32_t subtask,
                  SlabContent& content) {
    const uint32_t words =
        task.words == TaskWords::records ? scheduler_records_max : scheduler_counters_max;
    const bool has_fault = block == 0;
    uint32_t appended = task.only_block_0 && block != 0 ? 0 : task.conditions;
    if (has_fault && task.fault == SlabFault::appended_65) {
        appended = slab_conditions_max;
    }
    content.error_code = 0;
    content.conditions.clear();
    for (uint32_t i = 0; i < appended; ++i) {
        content.conditions.push_back(
            {task.words, (task.first_word + subtask + i) % words, task.expected_value});
    }
    content.count = appended;
    if (!has_fault) {
        return;
    }
    switch (task.fault) {
        case SlabFault::none:
            break;
        case SlabFault::error_7:
            content.error_code = 7;
            break;
        case SlabFault::error_minus_3:
            content.error_code = -3;
            break;
        case SlabFault::appended_65:
            content.error_code = 102;
            break;
        case SlabFault::count_65:
            content.count = slab_conditions_max + 1;
            break;
        case SlabFault::count_maximum:
            content.count = ~uint32_t{0};
            break;
    }
}

std::string describe(const SchedulerOperation& op) {
    const std::string which = std::to_string(op.which);
    switch (op.call) {
        case Action::submit:
            return "submit " + task_text(op.task);
        case Action::begin_scope:
            return "begin a scope";
        case Action::end_scope:
            return "end the scope";
        case Action::finish_submission:
            return "finish the submission";
        case Action::turn:
            return "a turn of thread " + which;
        case Action::wait:
            return "thread " + which + " waits";
        case Action::core_ack:
            return "a core starts what it was given, choice " + which;
        case Action::core_fin:
            return "a core ends what it runs, choice " + which;
        case Action::cores_go:
            return "all cores start and end what they can";
        case Action::set_counter:
            return "counter " + which + " := " + std::to_string(op.value);
        case Action::set_record:
            return "the transfer of record " + which + " ends";
        case Action::leave_gap:
            return "claim a ticket for a condition of a task, choice " + which;
        case Action::fill_gap:
            return "publish that condition";
        case Action::hold_lock:
            return "another thread takes the wait list's lock";
        case Action::release_lock:
            return "and releases it";
        case Action::push_unknown:
            return "another thread pushes a message of unknown kind";
        case Action::advance_clock:
            return "the clock advances by " + std::to_string(op.value) + " units";
        case Action::stop:
            return "another thread ends the run with error " +
                   std::to_string(static_cast<int32_t>(op.value));
    }
    return {};
}

std::string SchedulerStepSchedule::describe(Bytes input) {
    SchedulerStepSchedule schedule;
    schedule.decode(input);
    return describe_schedule(schedule, "platform " + schedule.platform.name());
}

std::string PlatformPairSchedule::describe(Bytes input) {
    PlatformPairSchedule schedule;
    schedule.decode(input);
    return describe_schedule(schedule, "both platforms");
}

}  // namespace fuzz
