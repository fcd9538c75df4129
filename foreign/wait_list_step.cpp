// Target: the wait list of another tree on one thread, against the model. What the tree
// lacks, and where it differs with its owner's leave, is left out of the schedule.
#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "foreign/calls.h"
#include "foreign/known.h"
#include "foreign/time_limit.h"
#include "foreign/wait_list_step_runner.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/wait_list/wait_list_step_model.h"
#include "fuzz/wait_list/wait_list_step_oracle.h"

namespace foreign {
namespace {

using State = fuzz::WaitListState;

/// A difference, and a state of the contract in which it would show.
struct Difference {
    std::string_view word;
    State state;
};

constexpr Difference differences[] = {
    {"unknown-kinds", State::unknown_kind},
    {"unchecked-slots", State::null_slot},
    {"unchecked-slots", State::misaligned_slot},
    {"unchecked-slots", State::wrong_slot},
    {"unchecked-slots", State::slot_not_pending},
    {"unchecked-slots", State::slot_completed_elsewhere},
    {"late-messages", State::late_condition},
    {"late-messages", State::second_normal_done},
    {"unchecked-addresses", State::misaligned_address},
    {"unchecked-addresses", State::zero_cookie},
    {"no-visit-for-room", State::visit_for_room},
    {"release-buffer", State::release_buffer_made_room},
    {"release-buffer", State::released_at_once},
    {"no-scheduler", State::tested_without_scheduler},
    {"no-scheduler", State::ready_entry_made},
};

/// The states that the schedules keep away from.
std::vector<State> avoided_states() {
    std::vector<State> states;
    for (const Difference& difference : differences) {
        if (tolerates(difference.word)) {
            states.push_back(difference.state);
        }
    }
    if (!tree().has(Feature::sticky_errors)) {
        states.push_back(State::drain_after_error);
        states.push_back(State::poll_after_error);
    }
    return states;
}

bool is_possible(WaitListCall call) {
    switch (call) {
        case WaitListCall::push_registration:
            return false;
        case WaitListCall::push_unknown_kind:
        case WaitListCall::leave_gap:
        case WaitListCall::fill_gap:
            return tree().has(Feature::claims);
        case WaitListCall::poll:
        case WaitListCall::poll_without_scheduler:
        case WaitListCall::poll_while_busy:
            return tree().has(Feature::poll);
        default:
            return true;
    }
}

struct ListSchedule : fuzz::WaitListStepSchedule {
    void decode(fuzz::Bytes input) {
        WaitListStepSchedule::decode(input);
        platform_name = tree().name;
        mailbox_capacity = tree().capacity;
        if (!tree().has(Feature::reset)) {
            first_ticket = 0;
        }
        std::erase_if(operations, [](const auto& op) { return !is_possible(op.call); });
        if (!tree().has(Feature::records)) {
            std::for_each(operations.begin(), operations.end(), without_records);
        }
        leave_out_differences();
    }

    static std::string describe(fuzz::Bytes input) {
        ListSchedule schedule;
        schedule.decode(input);
        return schedule.WaitListStepSchedule::describe();
    }

  private:
    /// Removing an operation changes what follows, so after a few of them the rest is dropped.
    static constexpr int removals_max = 16;

    static void without_records(WaitListOperation& op) {
        fuzz::Condition& condition = op.condition;
        if (condition.type == record_type) {
            condition.type = 0;
            condition.word = fuzz::Word::counter;
            condition.index = static_cast<uint8_t>(condition.index % fuzz::counters_max);
        }
    }

    void leave_out_differences() {
        static const std::vector<State> avoided = avoided_states();
        if (avoided.empty()) {
            return;
        }
        for (int removals = 0;; ++removals) {
            const size_t first = fuzz::first_operation_reaching(*this, avoided);
            if (first == operations.size()) {
                return;
            }
            const auto at = operations.begin() + static_cast<std::ptrdiff_t>(first);
            if (removals == removals_max) {
                operations.erase(at, operations.end());
                return;
            }
            operations.erase(at);
        }
    }

    static constexpr int32_t record_type = 1;
};

/// With what the contract demands of each call beside it.
void write_calls(const fuzz::WaitListStepSchedule& schedule) {
    write_call_file([&] {
        static constexpr const char* words[] = {"push_condition",
                                                "push_conditions",
                                                "push_for_each_task",
                                                "push_normal_done",
                                                "push_normal_dones",
                                                "push_registration",
                                                "push_unknown_kind",
                                                "leave_gap",
                                                "fill_gap",
                                                "drain",
                                                "drain_with_sink",
                                                "poll",
                                                "poll_without_scheduler",
                                                "poll_while_busy",
                                                "set_counter",
                                                "set_record",
                                                "complete_elsewhere",
                                                "flush_releases",
                                                "start_over"};
        static_assert(std::size(words) == static_cast<size_t>(WaitListCall::start_over) + 1);
        fuzz::WaitListStepHistory expected;
        fuzz::predict(schedule, expected);
        std::string text = "start " + std::to_string(schedule.first_ticket) + " " +
                           std::to_string(schedule.release_capacity) + "\n";
        for (size_t i = 0; i < schedule.operations.size(); ++i) {
            const fuzz::WaitListOperation& op = schedule.operations[i];
            const fuzz::WaitListEvent& event = expected.events[i];
            text += words[static_cast<size_t>(op.call)];
            for (const uint64_t number :
                 {uint64_t{op.task}, uint64_t{op.count}, uint64_t{op.value}, op.record_value,
                  static_cast<uint64_t>(op.slot), static_cast<uint64_t>(op.condition.word),
                  uint64_t{op.condition.index}, static_cast<uint64_t>(op.condition.type),
                  uint64_t{op.condition.expected_value}, op.condition.backend_cookie,
                  uint64_t{op.condition.engine}, uint64_t{event.taken},
                  static_cast<uint64_t>(event.error), static_cast<uint64_t>(event.completed),
                  uint64_t{event.waiting_tasks}}) {
                text += " " + std::to_string(number);
            }
            text += "\n";
        }
        for (const fuzz::SchedulerCall& call : expected.scheduler_calls) {
            text +=
                (call.is_release ? "released " : "completed ") + std::to_string(call.task) + "\n";
        }
        return text;
    });
}

class ListRunner {
  public:
    using Schedule = ListSchedule;
    using History = fuzz::WaitListStepHistory;

    void run(const ListSchedule& schedule, fuzz::WaitListStepHistory& history) {
        write_calls(schedule);
        const TimeLimit limit([&] {
            return "in operation " + std::to_string(history.events.size()) + " of:\n" +
                   schedule.WaitListStepSchedule::describe();
        });
        runner_.run(schedule, history);
    }

  private:
    WaitListRunner runner_;
};

}  // namespace
}  // namespace foreign

FUZZ_TARGET(wait_list_step, foreign::ListRunner, fuzz::wait_list_step_states)
