// Target: the mailbox of another tree on one thread, against the sequential model. What the
// tree lacks is left out of the schedule.
#include <algorithm>
#include <string>

#include "foreign/calls.h"
#include "foreign/ring.h"
#include "foreign/time_limit.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/mailbox/mailbox_step_oracle.h"
#include "fuzz/mailbox/mailbox_step_runner.h"

namespace foreign {
namespace {

bool is_possible(const fuzz::MailboxOperation& operation) {
    switch (operation.call) {
        case fuzz::MailboxCall::push_registration:
            return false;
        case fuzz::MailboxCall::claim:
        case fuzz::MailboxCall::publish:
            return tree().has(Feature::claims);
        case fuzz::MailboxCall::restart:
            return tree().has(Feature::restart);
        case fuzz::MailboxCall::reset:
            return tree().has(Feature::reset);
        default:
            return true;
    }
}

struct StepSchedule : fuzz::MailboxStepSchedule {
    void decode(fuzz::Bytes input) {
        MailboxStepSchedule::decode(input, tree().capacity);
        std::erase_if(operations, [](const auto& operation) { return !is_possible(operation); });
        // Without registrations it is the same, and an exported program knows this name.
        for (fuzz::MailboxOperation& operation : operations) {
            if (operation.call == fuzz::MailboxCall::consume) {
                operation.call = fuzz::MailboxCall::pop_batch;
            }
        }
        has_cookies = tree().has(Feature::cookies);
        if (!tree().has(Feature::reset)) {
            first_ticket = 0;
        }
    }

    static std::string describe(fuzz::Bytes input) {
        StepSchedule schedule;
        schedule.decode(input);
        return schedule.MailboxStepSchedule::describe();
    }
};

void write_calls(const fuzz::MailboxStepSchedule& schedule) {
    write_call_file([&] {
        std::string text = "start " + std::to_string(schedule.first_ticket) + "\n";
        for (const fuzz::MailboxOperation& op : schedule.operations) {
            static constexpr const char* words[] = {"push_condition",
                                                    "push_normal_done",
                                                    "push_conditions",
                                                    "push_registration",
                                                    "claim",
                                                    "publish",
                                                    "pop",
                                                    "pop_batch",
                                                    "consume",
                                                    "has_pending",
                                                    "restart",
                                                    "reset"};
            text += std::string(words[static_cast<size_t>(op.call)]) + " " +
                    std::to_string(op.repetitions) + " " + std::to_string(op.count) + " " +
                    std::to_string(op.first_ticket) + "\n";
        }
        return text;
    });
}

class StepRunner {
  public:
    using Schedule = StepSchedule;
    using History = fuzz::MailboxStepHistory;

    void run(const StepSchedule& schedule, fuzz::MailboxStepHistory& history) {
        write_calls(schedule);
        const TimeLimit limit([&] { return stuck_at(schedule, history); });
        runner_.run(schedule, history);
    }

  private:
    /// The operations up to the one after the last event: that is where the run is.
    static std::string stuck_at(const StepSchedule& schedule,
                                const fuzz::MailboxStepHistory& history) {
        const size_t calls = history.events.size();
        const uint32_t last = calls == 0 ? 0 : history.events.back().operation;
        return "after " + std::to_string(calls) + " calls, in operation " + std::to_string(last) +
               " or the next:\n" + schedule.MailboxStepSchedule::describe();
    }

    fuzz::MailboxStepRunnerOn<Rings> runner_;
};

}  // namespace
}  // namespace foreign

FUZZ_TARGET(mailbox_step, foreign::StepRunner, fuzz::mailbox_step_states)
