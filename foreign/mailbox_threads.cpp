// Target: the mailbox of another tree on real threads. What the tree lacks is left out of
// the schedule: each registration is a bulk push, and without bulk pushes each is one push.
#include <string>

#include "foreign/calls.h"
#include "foreign/known.h"
#include "foreign/ring.h"
#include "fuzz/kit/fuzz_target.h"
#include "fuzz/mailbox/mailbox_threads_oracle.h"
#include "fuzz/mailbox/mailbox_threads_runner.h"

namespace foreign {
namespace {

using Call = fuzz::MailboxThreadsCall;

struct ThreadsSchedule : fuzz::MailboxThreadsSchedule {
    void decode(fuzz::Bytes input) {
        MailboxThreadsSchedule::decode(input, tree().capacity);
        has_cookies = tree().has(Feature::cookies);
        for (auto& list : lists) {
            for (fuzz::MailboxThreadsOperation& operation : list) {
                operation.call = known(operation.call);
            }
        }
        if (!tree().has(Feature::reset)) {
            first_ticket = 0;
        }
        if (!tree().has(Feature::bulk_push)) {
            for (auto& list : lists) {
                for (fuzz::MailboxThreadsOperation& operation : list) {
                    operation.call = single(operation.call);
                }
            }
        }
        // The bound on "full" needs stamps, and so do the other bounds.
        stamped = stamped && !tolerates("false-full");
    }

    static std::string describe(fuzz::Bytes input) {
        ThreadsSchedule schedule;
        schedule.decode(input);
        return schedule.MailboxThreadsSchedule::describe();
    }

  private:
    /// No other tree has registrations; each is a bulk push of its conditions.
    static Call known(Call call) {
        switch (call) {
            case Call::push_registration:
                return Call::push_conditions;
            case Call::push_registration_until_taken:
                return Call::push_conditions_until_taken;
            default:
                return call;
        }
    }

    static Call single(Call call) {
        switch (call) {
            case Call::push_conditions:
                return Call::push_condition;
            case Call::push_conditions_until_taken:
                return Call::push_condition_until_taken;
            default:
                return call;
        }
    }
};

/// For real threads only the traffic matters; the timing is the machine's.
void write_calls(const fuzz::MailboxThreadsSchedule& schedule) {
    write_call_file([&] {
        std::string text = "start " + std::to_string(schedule.first_ticket) + "\n";
        for (uint32_t i = schedule.consumers; i < schedule.threads(); ++i) {
            uint32_t messages = 0;
            for (const fuzz::MailboxThreadsOperation& op : schedule.lists[i]) {
                messages += op.call == fuzz::MailboxThreadsCall::has_pending ? 0 : 1;
            }
            text += "producer " + std::to_string(messages) + "\n";
        }
        return text;
    });
}

class ThreadsRunner {
  public:
    using Schedule = ThreadsSchedule;
    using History = fuzz::MailboxThreadsHistory;

    void run(const ThreadsSchedule& schedule, fuzz::MailboxThreadsHistory& history) {
        write_calls(schedule);
        runner_.run(schedule, history);
    }

  private:
    fuzz::MailboxThreadsRunnerOn<Rings> runner_;
};

}  // namespace
}  // namespace foreign

FUZZ_TARGET(mailbox_threads, foreign::ThreadsRunner, fuzz::mailbox_threads_states)
